"""The facts the rules decide on, as of each look of a replay (pure)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from lifecycle.policies.precedence import Effect, Policies
from lifecycle.policies.selection import Subject
from lifecycle.rules.base import Rule
from lifecycle.rules.facts import DeploymentFacts, Facts, Need, VersionFacts
from lineage.graph.line_facts import ModuleName, instant
from lineage.graph.version_facts import newer_in_line, wanted_by
from lineage.history.record import DeploymentRow, instant_of, microseconds
from lineage.history.resolutions import is_within
from lineage.history.world import World
from lineage.lines import LineFacts

NO_LINES: frozenset[tuple[int, str]] = frozenset()
NONE: frozenset[int] = frozenset()


@dataclass(slots=True)
class FactsAt:
    """What a world tells the rules. ``covered`` and ``exempt_lines`` as the sweep has them."""

    world: World
    _known: dict[int, DeploymentFacts] = field(default_factory=dict)

    def of(
        self,
        rule: Rule,
        policies: Policies,
        at: datetime,
        *,
        covered: Collection[int] = NONE,
        exempt_lines: Set[tuple[int, str]] = NO_LINES,
    ) -> Facts:
        """What the rule needs to know, under its policies, at the instant that is now."""
        known = Facts(at)
        if not any(policy.effect is not Effect.KEEP for policy in policies.ranked):
            return known
        match rule.need:
            case Need.LINES:
                return replace(known, lines=self._lines(policies, at))
            case Need.VERSIONS:
                found = list(self._versions(policies, at, covered, exempt_lines))
                return replace(known, versions=found)
            case _:
                return replace(known, deployments=list(self._deployments(rule.need, at)))

    def _lines(self, policies: Policies, at: datetime) -> list[LineFacts]:
        """The lines of every module that may be flagged, each with its policy's window."""
        flagging = [policy for policy in policies.ranked if policy.effect is not Effect.KEEP]
        windows = sorted({policy.settings.unused_for_days for policy in flagging})
        governed = self._windows(policies) if len(windows) > 1 else {}
        found: list[LineFacts] = []
        for days in windows:
            window = timedelta(days=days)
            moment = self.world.moment(at, published_within=window)
            lines = self.world.idle_lines(moment, at - window, at)
            found += (line for line in lines if governed.get(line.module_id, days) == days)
        return found

    def _windows(self, policies: Policies) -> dict[int, int | None]:
        found: dict[int, int | None] = {}
        for module in self.world.record.words.modules.values():
            policy = policies.flagging(_subject(module))
            found[module.id] = policy.settings.unused_for_days if policy else None
        return found

    def _versions(
        self,
        policies: Policies,
        at: datetime,
        covered: Collection[int],
        exempt_lines: Set[tuple[int, str]],
    ) -> Iterator[VersionFacts]:
        """Standing versions nobody uses or wants, with enough newer ones in their line."""
        keep, wait = policies.least("keep_newest"), policies.least("unused_for_days")
        longest = max((p.settings.unused_for_days for p in policies.ranked), default=0)
        world, graph = self.world, self.world.record.graph
        moment = world.moment(at, published_within=timedelta(days=longest))
        limit = int((at - timedelta(days=wait or 0)).timestamp())
        newer = newer_in_line(graph, moment.gone | moment.withdrawn)
        fit = ~moment.gone & (newer >= (keep or 0)) & (moment.last_used <= limit)
        fit &= graph.version_published <= limit
        fit[moment.newest[moment.newest >= 0]] = False
        fit &= wanted_by(graph, moment.consumers, moment.target) == 0
        words = world.record.words
        for node in np.flatnonzero(fit).tolist():
            pk = int(graph.version_ids[node])
            module = words.modules[int(graph.module_ids[graph.version_module[node]])]
            text, major, minor = words.versions[pk]
            lines = {(module.id, major), (module.id, minor)}
            yield VersionFacts(
                module_id=module.id,
                ecosystem=module.ecosystem,
                module=module.name,
                owner_id=module.owner_id,
                version_id=pk,
                version=text,
                line=major,
                rank=node,
                newer_in_line=int(newer[node]),
                published_at=instant(int(graph.version_published[node]), at),
                is_newest=False,
                is_in_use=False,
                wanted_by=0,
                last_used_at=instant(int(moment.last_used[node]), at),
                vouched_since=words.vouched.get(module.ecosystem),
                is_covered=pk in covered or not exempt_lines.isdisjoint(lines),
            )

    def _deployments(self, need: Need, at: datetime) -> Iterator[DeploymentFacts]:
        """What is live, of all that is known the part the need names."""
        rows = self.world.live_rows()
        if need is Need.EXPIRED:
            rows = (row for row in rows if row.expires_at is not None and row.expires_at <= at)
        elif need is Need.SIDE_BY_SIDE:
            rows = iter(_beside(list(rows)))
        elif need is Need.SUNSET:
            retired, node_of = self.world.record.retired, self.world.node_of
            rows = (row for row in rows if node_of[row.version_id] in retired)
        return (self._facts(row, at) for row in rows)

    def _facts(self, row: DeploymentRow, at: datetime) -> DeploymentFacts:
        used, sunset = self.world.last_use(row, at), self._sunset_at(row, at)
        since = self._usage_since(row, used, at)
        known = self._known.get(row.id)
        if known is not None and (known.last_used_at, known.sunset_at, known.usage_since) == (
            used, sunset, since,
        ):  # fmt: skip
            return known
        words, node = self.world.record.words, self.world.node_of[row.version_id]
        module = words.modules[row.module_id]
        facts = DeploymentFacts(
            id=row.id,
            key=row.key,
            ecosystem=module.ecosystem,
            module_id=module.id,
            module=module.name,
            owner_id=module.owner_id,
            version_id=row.version_id,
            version=words.versions[row.version_id][0],
            environment=row.environment,
            tier=row.tier,
            region=row.region,
            started_at=row.started_at,
            expires_at=row.expires_at,
            last_used_at=used,
            usage_since=since,
            sunset_at=sunset,
            rank=node,
        )
        self._known[row.id] = facts
        return facts

    def _usage_since(
        self, row: DeploymentRow, used: datetime | None, at: datetime
    ) -> datetime | None:
        """Since when its use is reported, as far as could be known by then."""
        reported = self.world.record.usage_since
        said = [reported[one] for one in row.sources if one in reported]
        return min((since for since in (*said, used) if since and since <= at), default=None)

    def _sunset_at(self, row: DeploymentRow, at: datetime) -> datetime | None:
        now = microseconds(at)
        spans = self.world.record.retired.get(self.world.node_of[row.version_id], ())
        return next((instant_of(span[0]) for span in spans if is_within((span,), now)), None)


def _subject(module: ModuleName) -> Subject:
    return Subject(module.ecosystem, module.name, module.owner_id)


def _beside(rows: list[DeploymentRow]) -> list[DeploymentRow]:
    """Those of modules of which one environment and region runs several versions."""
    versions: dict[tuple[int, str, str], set[int]] = defaultdict(set)
    for row in rows:
        versions[row.module_id, row.environment, row.region].add(row.version_id)
    return [row for row in rows if len(versions[row.module_id, row.environment, row.region]) > 1]
