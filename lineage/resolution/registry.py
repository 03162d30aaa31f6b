"""The versions known and what each needs: what every strategy resolves against (pure)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lineage.resolution.newest import ModuleVersions
from lineage.versioning import CompiledRange, ParsedVersion

ModuleName = tuple[str, str]  # ecosystem, name


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version as its module lists it; ``id`` is the caller's own."""

    parsed: ParsedVersion
    is_withdrawn: bool = False
    id: int = -1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that may be chosen; ``place`` is its position in the list of its module."""

    module: ModuleName
    text: str
    place: int
    id: int = -1

    def __hash__(self) -> int:
        return hash((self.module, self.place))


@dataclass(frozen=True, slots=True)
class Need:
    """A range that some version of a module must satisfy."""

    module: ModuleName
    range: CompiledRange

    def __hash__(self) -> int:
        # Equal texts of one module are equal ranges; hashing all intervals would cost far more.
        return hash((self.module, self.range.text))


@dataclass(frozen=True, slots=True)
class Clause:
    """A need with whoever states it; ``consumer`` is None where the asker does."""

    consumer: Candidate | None
    need: Need


Needs = Callable[[Candidate], Sequence[Need]]


class Registry:
    """The versions known, and what each needs at run time.

    ``versions`` holds whatever was known at the instant asked about, in any order, so
    the same search answers for today and for any past day. Modules it does not name
    have no version. ``needs`` is asked once a candidate at most.
    """

    def __init__(self, versions: Mapping[ModuleName, Sequence[KnownVersion]], needs: Needs) -> None:
        self._known = versions
        self._needs_of = needs
        self._versions: dict[ModuleName, ModuleVersions] = {}
        self._candidates: dict[tuple[ModuleName, int], Candidate] = {}
        self._needs: dict[Candidate, tuple[Need, ...]] = {}
        self._admitted: dict[tuple[ModuleName, str], tuple[Candidate, ...]] = {}
        self._admitted_places: dict[tuple[ModuleName, str], frozenset[int]] = {}
        self._newest: dict[ModuleName, Candidate | None] = {}

    def admitted(self, need: Need) -> tuple[Candidate, ...]:
        """What satisfies a need, best first, by the rules of strategy ``newest``."""
        key = need.module, need.range.text
        if key not in self._admitted:
            places = self._module(need.module).admitted(need.range)
            self._admitted[key] = tuple(self.candidate(need.module, place) for place in places)
        return self._admitted[key]

    def admits(self, need: Need, candidate: Candidate) -> bool:
        """Whether the candidate, a version of that module, satisfies the need."""
        key = need.module, need.range.text
        if key not in self._admitted_places:
            self._admitted_places[key] = frozenset(one.place for one in self.admitted(need))
        return candidate.place in self._admitted_places[key]

    def needs(self, candidate: Candidate) -> tuple[Need, ...]:
        """What the candidate needs, in the order stated, each once."""
        if candidate not in self._needs:
            self._needs[candidate] = tuple(dict.fromkeys(self._needs_of(candidate)))
        return self._needs[candidate]

    def newest(self, module: ModuleName) -> Candidate | None:
        """The greatest version that is neither withdrawn nor, if there are others, a prerelease."""
        if module not in self._newest:
            self._newest[module] = self._find_newest(module)
        return self._newest[module]

    def is_known(self, module: ModuleName) -> bool:
        """Whether the module has any version, withdrawn ones included."""
        return bool(self._known.get(module))

    def candidate(self, module: ModuleName, place: int) -> Candidate:
        """The version at that position of its module's list."""
        key = module, place
        if key not in self._candidates:
            known = self._known[module][place]
            self._candidates[key] = Candidate(module, known.parsed.text, place, known.id)
        return self._candidates[key]

    def parsed_by_id(self, module: ModuleName, id: int) -> ParsedVersion:
        """The version of that id, parsed; raises KeyError."""
        for known in self._known.get(module, ()):
            if known.id == id:
                return known.parsed
        raise KeyError(id)

    def order_of(self, candidate: Candidate) -> bytes:
        """The key that orders a candidate among the versions of its module."""
        return self._known[candidate.module][candidate.place].parsed.key

    def _find_newest(self, module: ModuleName) -> Candidate | None:
        known = self._known.get(module, ())
        places = [place for place, one in enumerate(known) if not one.is_withdrawn]
        stable = [place for place in places if not known[place].parsed.is_prerelease]
        best = max(stable or places, key=lambda place: known[place].parsed.key, default=None)
        return None if best is None else self.candidate(module, best)

    def _module(self, module: ModuleName) -> ModuleVersions:
        if module not in self._versions:
            known = self._known.get(module, ())
            self._versions[module] = ModuleVersions(
                [one.parsed for one in known], [one.is_withdrawn for one in known]
            )
        return self._versions[module]

    def only(self, clauses: Iterable[Clause]) -> "Registry":
        """The same versions, needing no more than these clauses state."""
        stated: dict[Candidate, list[Need]] = {}
        for clause in clauses:
            if clause.consumer is not None:
                stated.setdefault(clause.consumer, []).append(clause.need)
        part = Registry(self._known, lambda candidate: stated.get(candidate, ()))
        part._versions, part._candidates = self._versions, self._candidates
        part._admitted, part._admitted_places = self._admitted, self._admitted_places
        part._newest = self._newest
        return part
