"""What a replay is told: today's graph, and the instants of what came and went (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array
from lineage.graph.line_facts import Words
from lineage.history.resolutions import Change, Spans

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A deployment as its record has it, whether it is live or not.

    ``until`` is when the next deployment of its key starts: uses reported up to then
    are its own.
    """

    id: int
    key: str
    version_id: int
    module_id: int
    profile: int  # place among the observed profiles, -1 none
    environment: str
    tier: str
    region: str
    started_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    until: datetime | None
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """The platform's life as recorded; arrays and node numbers are those of ``graph``."""

    graph: Graph
    words: Words
    published: Array  # [V] microseconds, 0 unknown
    placeholder: Array  # [V]
    yanked: Mapping[int, int]  # version node -> since when
    retired: Mapping[int, Spans]  # version node -> the spans for which it was sunset
    changes: Sequence[Change]
    profiles: Sequence[tuple[int, ...]]  # version nodes observed together
    deployments: Sequence[DeploymentRow]
    uses: Mapping[str, Sequence[datetime]]  # key -> instants at which use was reported, ascending
    first_at: datetime | None  # nothing was there before
    usage_since: Mapping[int, datetime] = field(default_factory=dict)  # source -> it reports use


def microseconds(at: datetime) -> int:
    """An instant as a number that loses nothing."""
    return (at - EPOCH) // MICROSECOND


def instant_of(number: int) -> datetime:
    """The instant of a number of microseconds."""
    return EPOCH + number * MICROSECOND
