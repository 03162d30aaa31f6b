"""The platform at one instant after the other, as the records have it (pure).

What a replay takes away is gone from then on: a deployment uses nothing any more, a
version stands on no line. What a requirement resolves to stays as it was recorded, so
that use of what was taken away shows.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lineage.graph.arrays import PLACEHOLDER, PRERELEASE, WITHDRAWN, newest_of
from lineage.graph.csr import Array
from lineage.graph.line_facts import Moment, by_line, facts_of_lines, levels_of
from lineage.graph.usage import LIVE
from lineage.history.links import Links
from lineage.history.record import DeploymentRow, Record, microseconds
from lineage.history.resolutions import is_within
from lineage.history.usage import Again, Run, UsageHistory
from lineage.lines import LineFacts

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Use:
    """A use reported of a deployment."""

    deployment: DeploymentRow
    at: datetime


class World:
    """A record, moved forward in time; everything it says is as of the last ``advance``."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.rows = {row.id: row for row in record.deployments}
        self.node_of = dict(
            zip(record.graph.version_ids.tolist(), range(record.graph.versions), strict=True)
        )
        self.withdrawn = np.zeros(record.graph.versions, dtype=bool)  # by the replay
        known = np.flatnonzero(record.published)
        self._usage = UsageHistory(
            Links(record.graph),
            (self._run(row) for row in record.deployments),
            record.changes,
            profiles=record.profiles,
            published=dict(zip(known.tolist(), record.published[known].tolist(), strict=True)),
            requirements=len(record.graph.requirement_ids),
        )
        self._empty = tuple(
            np.zeros((len(start) - 1, 2), dtype=np.int32)
            for start in (record.graph.major_start, record.graph.minor_start)
        )

    @property
    def live(self) -> dict[int, Run]:
        """The deployments that are live, by id."""
        return self._usage.live

    @property
    def in_use(self) -> Array:
        """Version node -> whether a live deployment is or reaches it."""
        return self._usage.in_use

    def advance(self, at: datetime) -> list[Again]:
        """Move on; tells which of the versions taken away came into use, each once."""
        return self._usage.advance(microseconds(at))

    def end(self, deployment_id: int, at: datetime) -> None:
        """Take a live deployment away."""
        self._usage.end(deployment_id, microseconds(at))

    def withdraw(self, version_ids: Collection[int]) -> None:
        """Take versions away, and watch whether they come into use."""
        nodes = [self.node_of[pk] for pk in version_ids]
        self.withdrawn[nodes] = True
        self._usage.watched.update(node for node in nodes if not self.in_use[node])

    def is_withdrawn(self, version_id: int) -> bool:
        """Whether the replay took the version away."""
        return bool(self.withdrawn[self.node_of[version_id]])

    def live_rows(self) -> Iterator[DeploymentRow]:
        """The live deployments, by id."""
        return (self.rows[pk] for pk in sorted(self.live))

    def last_use(self, row: DeploymentRow, at: datetime) -> datetime | None:
        """When use of a live deployment was last reported by then."""
        uses = self.record.uses.get(row.key, ())
        place = bisect_right(uses, at)
        return uses[place - 1] if place and uses[place - 1] >= row.started_at else None

    def next_use(self, row: DeploymentRow, at: datetime) -> datetime | None:
        """When use of a deployment was first reported after an instant."""
        uses = self.record.uses.get(row.key, ())
        place = bisect_right(uses, at)
        if place == len(uses) or (row.until is not None and uses[place] >= row.until):
            return None
        return uses[place]

    def moment(self, at: datetime, *, published_within: timedelta) -> Moment:
        """The graph as lines see it at the instant that is now."""
        record, graph, usage = self.record, self.record.graph, self._usage
        now = microseconds(at)
        there = self._there(at, now)
        sunset = self.withdrawn.copy()
        for node, spans in record.retired.items():
            sunset[node] |= is_within(spans, now)
        gone = ~there | record.placeholder | sunset
        withdrawn = sunset.copy()
        withdrawn[[node for node, since in record.yanked.items() if since <= now]] = True
        newest = self._newest(there, withdrawn)
        since = int((at - published_within).timestamp())
        consumers = usage.in_use | ((graph.version_published > since) & ~gone)
        consumers[newest[newest >= 0]] = True
        return Moment(
            graph=graph,
            gone=gone,
            sunset=sunset & there,
            withdrawn=withdrawn,
            newest=newest,
            last_used=np.where(usage.in_use, LIVE, usage.last_used // SECOND),
            major_live=self._empty[0],
            minor_live=self._empty[1],
            consumers=np.flatnonzero(consumers & there),
            target=usage.target,
            lowest_of=lambda _: np.where(usage.lowest >= 0, usage.lowest, usage.target),
        )

    def idle_lines(self, moment: Moment, before: datetime, at: datetime) -> list[LineFacts]:
        """All lines of the modules of which one line was not used, nor published on, since then.

        No other module has a line that is unused.
        """
        limit = int(before.timestamp())
        graph = moment.graph
        published = np.where(moment.gone, 0, graph.version_published)
        latest = np.maximum(moment.last_used, published)
        is_newest = np.zeros(graph.versions, dtype=np.int8)
        is_newest[moment.newest[moment.newest >= 0]] = 1
        idle = np.zeros(len(graph.module_ids), dtype=bool)
        for level in levels_of(moment):
            lines = np.arange(len(level.start) - 1)
            if len(lines):
                fit = by_line(np.maximum, latest, level, lines) <= limit
                fit &= by_line(np.maximum, is_newest, level, lines) == 0
                fit &= by_line(np.minimum, moment.gone.astype(np.int8), level, lines) == 0
                idle[graph.version_module[level.start[lines[fit]]]] = True
        return facts_of_lines(moment, self.record.words, np.flatnonzero(idle), at)

    def _there(self, at: datetime, now: int) -> Array:
        record = self.record
        there = np.asarray(record.published <= now)
        if record.first_at is None or at < record.first_at:
            there = np.zeros_like(there)
        for row in self.live.values():  # what ran before its stated publication
            there[row.root[0]] = True
            if row.root[1] >= 0:
                there[list(record.profiles[row.root[1]])] = True
        return there

    def _newest(self, there: Array, withdrawn: Array) -> Array:
        graph = self.record.graph
        flags = graph.version_flags & np.uint8(PLACEHOLDER | PRERELEASE)
        flags = np.where(withdrawn, flags | WITHDRAWN, flags)
        return newest_of(graph.version_module, flags, len(graph.module_ids), among=there)

    def _run(self, row: DeploymentRow) -> Run:
        ended = None if row.ended_at is None else microseconds(row.ended_at)
        root = (self.node_of[row.version_id], row.profile)
        return Run(row.id, root, microseconds(row.started_at), ended)
