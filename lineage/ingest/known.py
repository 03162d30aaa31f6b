"""What the database already holds of a document's names, read as the document needs it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from lineage.ingest.outcomes import RecordRejected, read_version
from lineage.ingest.writes import Writes
from lineage.models import Environment, Module, Requirement, Team, Version
from lineage.versioning import ParsedVersion, VersioningError, lines_in, version_in

T = TypeVar("T")
BATCH = 5_000  # below every database's limit on parameters

# What a record states of a version, and what a version nobody stated has instead.
STATED = (
    "is_placeholder", "kind", "owner_id", "published_at", "digest", "runtime", "ttl", "scm_repo",
    "scm_commit", "metadata", "fingerprint", "content_hash", "yanked_at", "yank_reason",
)  # fmt: skip
UNKNOWN: tuple[object, ...] = (
    True, "", None, None, "", {}, None, "", "", {}, "", "", None, "",
)  # fmt: skip
VERSION_FIELDS = (
    "module_id", "version", "sort_key", "major_line", "minor_line", "is_prerelease",
    "received_at", "tree_hash", *STATED,
)  # fmt: skip
REQUIREMENT_FIELDS = (
    "module_id", "range", "is_locked", "resolved_version_id", "lowest_version_id",
)  # fmt: skip
KNOWN_VERSION = (
    "module_id", "version", "id", "is_placeholder", "kind", "owner_id", "digest", "ttl",
    "fingerprint", "content_hash", "yanked_at", "yank_reason", "sunset_at", "tree_hash",
)  # fmt: skip


@dataclass(slots=True)
class KnownModule:
    id: int
    ecosystem: str
    name: str
    is_placeholder: bool


@dataclass(slots=True)
class KnownVersion:
    id: int
    is_placeholder: bool = True
    kind: str = ""
    owner_id: int | None = None
    digest: str = ""
    ttl: int | None = None
    fingerprint: str = ""
    content_hash: str = ""
    yanked_at: datetime | None = None
    yank_reason: str = ""
    sunset_at: datetime | None = None
    tree_hash: str = ""


@dataclass(slots=True)
class KnownEnvironment:
    id: int
    tier: str
    is_declared: bool
    ttl: int | None


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(slots=True)
class Touched:
    """What later steps of the same document must look at again, by id."""

    resolution: set[int] = field(default_factory=set)  # modules whose requirements may move
    modules: set[int] = field(default_factory=set)  # kind, owner or deprecations may change
    graph: set[int] = field(default_factory=set)  # modules with new versions or requirements
    expiry_versions: set[int] = field(default_factory=set)
    expiry_environments: set[int] = field(default_factory=set)
    ended_environments: set[int] = field(default_factory=set)
    series: set[str] = field(default_factory=set)  # deployment keys
    since: dict[str, datetime] = field(default_factory=dict)  # ecosystem -> earliest start
    revived_versions: dict[int, str] = field(default_factory=dict)  # id -> what to call it
    revived_deployments: dict[int, str] = field(default_factory=dict)
    relisted: set[str] = field(default_factory=set)  # keys whose end an inventory can take back
    witnesses: set[tuple[int, int]] = field(default_factory=set)  # (deployment, source)


class Known:
    """Caches for the length of one document; what is missing is created through ``writes``."""

    def __init__(self, writes: Writes, now: datetime) -> None:
        self.writes = writes
        self.now = now
        self.touched = Touched()
        self.teams: dict[str, int] = dict(Team.objects.values_list("name", "id"))
        self.environments = {
            name: KnownEnvironment(pk, tier, is_declared, ttl)
            for name, pk, tier, is_declared, ttl in Environment.objects.values_list(
                "name", "id", "tier", "is_declared", "ttl"
            )
        }
        self._modules: dict[tuple[str, str], KnownModule | None] = {}
        self._versions: dict[int, dict[str, KnownVersion]] = {}
        self._requirements: dict[int, dict[tuple[str, bool], int]] = {}
        # Those declared so far, by (ecosystem, module, range): most edges repeat one.
        self.declared: dict[tuple[str, str, str], int] = {}

    def prepare(
        self, names: Collection[tuple[str, str]], *, versions_of: Collection[tuple[str, str]]
    ) -> None:
        """Read the modules and requirements of ``names``, and the versions of ``versions_of``."""
        unseen = {name for name in names if name not in self._modules}
        for batch in batches(sorted({name for _, name in unseen})):
            rows = Module.objects.filter(name__in=batch).values_list(
                "id", "ecosystem", "name", "is_placeholder"
            )
            for pk, ecosystem, name, is_placeholder in rows.order_by():
                self._modules.setdefault(
                    (ecosystem, name), KnownModule(pk, ecosystem, name, is_placeholder)
                )
        for identity in unseen:
            self._modules.setdefault(identity, None)
        self._read_requirements(self._ids(unseen, self._requirements))
        self._read_versions(self._ids(versions_of, self._versions))

    def _ids(
        self,
        names: Iterable[tuple[str, str]],
        seen: dict[int, dict[T, KnownVersion]] | dict[int, dict[T, int]],
    ) -> list[int]:
        modules = (self._modules.get(name) for name in names)
        return sorted({module.id for module in modules if module and module.id not in seen})

    def _read_requirements(self, module_ids: list[int]) -> None:
        for batch in batches(module_ids):
            self._requirements.update((pk, {}) for pk in batch)
            rows = Requirement.objects.filter(module_id__in=batch).order_by()
            for module_id, text, is_locked, pk in rows.values_list(
                "module_id", "range", "is_locked", "id"
            ):
                self._requirements[module_id][text, is_locked] = pk

    def _read_versions(self, module_ids: list[int]) -> None:
        for batch in batches(module_ids):
            self._versions.update((pk, {}) for pk in batch)
            rows = Version.objects.filter(module_id__in=batch).order_by()
            for module_id, text, *state in rows.values_list(*KNOWN_VERSION).iterator(10_000):
                self._versions[module_id][text] = KnownVersion(*state)

    def module(self, ecosystem: str, name: str) -> KnownModule:
        """The module, a placeholder if nobody published it yet."""
        found = self._modules.get((ecosystem, name))
        if found is None:
            pk = self.writes.insert(
                Module, ("ecosystem", "name", "kind", "owner_id", "is_placeholder"),
                ecosystem, name, Module.Kind.LIBRARY.value, None, True,
            )  # fmt: skip
            found = self._modules[ecosystem, name] = KnownModule(pk, ecosystem, name, True)
            self._versions[pk] = {}
            self._requirements[pk] = {}
        return found

    def publish(self, module: KnownModule) -> None:
        """Note that the module is more than a name in somebody's dependency."""
        if module.is_placeholder:
            module.is_placeholder = False
            self.writes.update(Module, ("is_placeholder",), module.id, False)

    def revive(self, version: KnownVersion, name: str) -> bool:
        """Note that a sunset version is back, by what to call it; whether it was sunset."""
        if version.sunset_at is None:
            return False
        version.sunset_at = None
        self.touched.revived_versions[version.id] = name
        return True

    def find(self, ecosystem: str, name: str, version: str) -> KnownVersion | None:
        """The version of that very text, if it is known."""
        module = self._modules.get((ecosystem, name))
        return self._versions[module.id].get(version) if module else None

    def add_version(
        self, module: KnownModule, version: ParsedVersion, values: tuple[object, ...] = UNKNOWN
    ) -> KnownVersion:
        """A new version; ``values`` follow VERSION_FIELDS from ``is_placeholder`` on."""
        pk = self.writes.insert(
            Version, VERSION_FIELDS, module.id, version.text, version.key,
            *lines_in(module.ecosystem, version), version.is_prerelease, self.now, "", *values,
        )  # fmt: skip
        found = self._versions[module.id][version.text] = KnownVersion(pk)
        self.touched.graph.add(module.id)
        self.touched.resolution.add(module.id)
        self.touched.modules.add(module.id)
        return found

    def version(self, module: KnownModule, version: ParsedVersion) -> KnownVersion:
        """The version, a placeholder if nobody published it yet."""
        found = self._versions[module.id].get(version.text)
        return found or self.add_version(module, version)

    def stated(self, ecosystem: str, name: str, text: str, field: str) -> ParsedVersion:
        """The version by its scheme, or one known by that very text; raises RecordRejected."""
        if self.find(ecosystem, name, text) is not None:
            return version_in(ecosystem, text)
        return read_version(ecosystem, text, field)

    def named(self, ecosystem: str, text: str, field: str) -> ParsedVersion:
        """A version that is kept whatever it looks like; raises RecordRejected."""
        try:
            # A git address, say, is foreign: kept by name, never offered to a range.
            return version_in(ecosystem, text).canonical()
        except VersioningError as error:
            raise RecordRejected(field, str(error)) from error

    def component(self, triple: tuple[str, str, str]) -> KnownVersion:
        """The version an SBOM names, in whatever spelling; raises RecordRejected."""
        ecosystem, name, text = triple
        found = self.find(ecosystem, name, text)
        if found is not None:
            return found
        version = self.named(ecosystem, text, "components")
        return self.version(self.module(ecosystem, name), version)

    def requirement(self, module: KnownModule, text: str, *, locked_to: int | None = None) -> int:
        """The id of the interned requirement."""
        known = self._requirements[module.id]
        pk = known.get((text, locked_to is not None))
        if pk is None:
            pk = self.writes.insert(
                Requirement, REQUIREMENT_FIELDS,
                module.id, text, locked_to is not None, locked_to, locked_to,
            )  # fmt: skip
            known[text, locked_to is not None] = pk
            self.touched.graph.add(module.id)
            if locked_to is None:
                self.touched.resolution.add(module.id)
        return pk

    def declare(self, ecosystem: str, name: str, text: str) -> int:
        """The id of the requirement on a module; its range has been read."""
        pk = self.declared.get((ecosystem, name, text))
        if pk is None:
            pk = self.requirement(self.module(ecosystem, name), text)
            self.declared[ecosystem, name, text] = pk
        return pk

    def changed_modules(self) -> set[int]:
        """Every module whose versions or requirements the document changed, new ones included."""
        changed = self.touched.graph | self.touched.resolution
        for batch in batches(sorted(self.writes.updated[Version])):
            rows = Version.objects.filter(id__in=batch).order_by()
            changed.update(rows.values_list("module_id", flat=True).distinct())
        return changed

    def team(self, name: str) -> int:
        """The id of the team, made on first mention."""
        pk = self.teams.get(name)
        if pk is None:
            pk = self.teams[name] = self.writes.insert(Team, ("name", "email"), name, "")
        return pk
