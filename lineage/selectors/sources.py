"""Sources: what each vouches for, where it stands, what came of its inventories."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Prefetch, Window
from django.db.models.functions import RowNumber

from lineage.cadence import TROUBLED, Standing, expected_at, standing_of
from lineage.exceptions import UnknownInventory, UnknownSource
from lineage.models import Deployment, IngestRun, Inventory, Source, UnlistedDeployment
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

RUNS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """Where a source stands now: the fact that marking what it vouches for rests on."""

    source: Source
    state: Standing

    @property
    def is_troubled(self) -> bool:
        return self.state in TROUBLED

    @property
    def is_quiet(self) -> bool | None:
        """Whether it missed its cadence twice, None if nobody says how often it speaks."""
        return None if self.state is Standing.UNKNOWN else self.state is Standing.QUIET


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source with what it vouches for, its open holds and its last runs, oldest first."""

    source: Source
    standing: SourceStanding
    ecosystems: tuple[str, ...]
    holds: tuple[Inventory, ...]
    runs: tuple[IngestRun, ...] = field(default=())

    @property
    def state(self) -> Standing:
        return self.standing.state

    @property
    def is_quiet(self) -> bool | None:
        return self.standing.is_quiet

    @property
    def expected_at(self) -> datetime | None:
        """When it should speak next."""
        return expected_at(self.source.expected_every, self.source.last_seen_at)

    @property
    def sizes(self) -> list[int]:
        """The records each of its last runs took in."""
        return [run.accepted for run in self.runs]

    @property
    def last_rows(self) -> int | None:
        """The records of its last run that were taken in; None without a run."""
        return self.runs[-1].accepted if self.runs else None


def source_standings(now: datetime) -> list[SourceStanding]:
    """Where every source stands, by name; one query."""
    held = Inventory.objects.filter(source=OuterRef("pk"), state=Inventory.State.HELD)
    sources = Source.objects.annotate(is_held=Exists(held)).order_by("name")
    return [
        SourceStanding(
            source,
            standing_of(
                source.expected_every, source.last_seen_at, now, is_held=bool(source.is_held)
            ),
        )
        for source in sources
    ]


def source_list(now: datetime) -> list[SourceRow]:
    """Every source with what it vouches for, what is held, and its last runs; four queries."""
    return _rows(now, Source.objects.order_by("name").values_list("id", flat=True))


def source_named(name: str, *, now: datetime) -> SourceRow:
    """One source; raises UnknownSource."""
    found = Source.objects.filter(name=name).values_list("id", flat=True)
    if not found:
        raise UnknownSource(name)
    return _rows(now, found)[0]


def inventory_list(
    *, source: str = "", state: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Inventory]:
    """Full inventories, newest first."""
    start, stop = bounds(page, size)
    rows = Inventory.objects.select_related("source").order_by("-at", "-id")
    if source:
        rows = rows.filter(source__name=source)
    if state:
        rows = rows.filter(state=state)
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


def inventory_by_id(inventory_id: int) -> Inventory:
    """One inventory; raises UnknownInventory."""
    found = Inventory.objects.select_related("source").filter(pk=inventory_id).first()
    if found is None:
        raise UnknownInventory(inventory_id)
    return found


def unlisted_by(
    inventory: Inventory, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Deployment]:
    """The deployments a held or accepted inventory no longer lists, by key."""
    start, stop = bounds(page, size)
    ids = UnlistedDeployment.objects.filter(inventory=inventory).values("deployment_id")
    rows = Deployment.objects.filter(id__in=ids).order_by("key", "started_at")
    rows = rows.select_related("version__module__owner", "environment", "source")
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


def _rows(now: datetime, ids: Iterable[int]) -> list[SourceRow]:
    holds = Inventory.objects.filter(state=Inventory.State.HELD).order_by("environment")
    wanted = list(ids)
    sources = Source.objects.filter(id__in=wanted).order_by("name")
    sources = sources.prefetch_related("coverages", Prefetch("inventories", holds, to_attr="held"))
    runs = _last_runs(wanted)
    rows = []
    for source in sources:
        held: tuple[Inventory, ...] = tuple(getattr(source, "held", ()))
        state = standing_of(source.expected_every, source.last_seen_at, now, is_held=bool(held))
        ecosystems = tuple(coverage.ecosystem for coverage in source.coverages.all())
        standing = SourceStanding(source, state)
        rows.append(SourceRow(source, standing, ecosystems, held, tuple(runs[source.pk])))
    return rows


def _last_runs(ids: list[int]) -> dict[int, list[IngestRun]]:
    """Source -> its last runs that ended well, oldest first."""
    place = Window(RowNumber(), partition_by=F("source_id"), order_by=F("id").desc())
    done = IngestRun.objects.filter(source_id__in=ids, status=IngestRun.Status.DONE)
    found: dict[int, list[IngestRun]] = defaultdict(list)
    for run in done.annotate(place=place).filter(place__lte=RUNS_SHOWN).order_by("id"):
        found[run.source_id].append(run)
    return found
