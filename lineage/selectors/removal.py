"""Can this line be removed: yes, no or not yet, and who stands in the way."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lineage.exceptions import UnknownLine
from lineage.graph.arrays import RUNTIME
from lineage.graph.reach import neighbours
from lineage.lines import LineFacts, LineState, LineVerdict, judge
from lineage.models import Module
from lineage.selectors.lines import line_facts
from lineage.selectors.requirements import only_satisfied_within, ranges_of
from lineage.selectors.view import View, current_view, version_rows
from lineage.services.usage_check import LiveUser, live_users

MAX_BLOCKERS = 200


@dataclass(frozen=True, slots=True)
class Blocker:
    """A named thing that stands in the way."""

    kind: str  # live_deployment, only_satisfiable_by, newest, unvouched, waiting
    name: str
    owner: str
    detail: str
    ecosystem: str = ""
    module: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """The answer, what it rests on, and the blockers: ``total_blockers`` counts all of them."""

    verdict: str  # yes, no, not_yet
    sentence: str
    facts: LineFacts
    line: LineVerdict
    blockers: list[Blocker]
    total_blockers: int
    epoch: int


def removal_of(module: Module, line: str, *, now: datetime, unused_for: timedelta) -> Removal:
    """Decide whether a line can go; raises UnknownLine.

    The same decision as the rule that flags unused ranges (``lineage.lines.judge``).
    """
    facts = next(
        (
            f
            for f in line_facts(now=now, module_ids=[module.pk], published_within=unused_for)
            if f.line == line
        ),
        None,
    )
    if facts is None:
        raise UnknownLine(module.name, line)
    verdict = judge(facts, now=now, unused_for=unused_for)
    view = current_view(now)
    blockers = _blockers(view, facts, verdict, now, unused_for)
    return Removal(
        verdict=_answer(verdict),
        sentence=_sentence(facts, verdict),
        facts=facts,
        line=verdict,
        blockers=blockers[:MAX_BLOCKERS],
        total_blockers=len(blockers),
        epoch=view.snapshot.epoch,
    )


def _answer(verdict: LineVerdict) -> str:
    match verdict.state:
        case LineState.UNUSED | LineState.SUNSET | LineState.EMPTY:
            return "yes"
        case LineState.NEWEST:
            return "no"
        case _:
            return "not_yet"


def _sentence(facts: LineFacts, verdict: LineVerdict) -> str:
    name = f"{facts.module} {facts.line}"
    match _answer(verdict):
        case "yes":
            return f"Yes, {name} can be removed. {verdict.reason}"
        case "no":
            return f"No, {name} cannot be removed. {verdict.reason}"
        case _:
            return f"Not yet: {name} cannot be removed now. {verdict.reason}"


def _blockers(
    view: View, facts: LineFacts, verdict: LineVerdict, now: datetime, unused_for: timedelta
) -> list[Blocker]:
    match verdict.state:
        case LineState.NEWEST | LineState.WAITING:
            return [
                Blocker(verdict.state.value, f"{facts.module} {facts.newest}", "", verdict.reason)
            ]
        case LineState.UNKNOWN:
            return [Blocker("unvouched", facts.ecosystem, "", verdict.reason)]
        case LineState.IN_USE | LineState.HELD:
            users = [_user(user) for user in live_users(facts.version_ids, snapshot=view.snapshot)]
            return users + holders_of(view, facts, now, unused_for)
        case _:
            return []


def _user(user: LiveUser) -> Blocker:
    return Blocker(
        "live_deployment",
        user.key,
        user.owner,
        f"runs {user.module} {user.version} in {user.environment}",
        user.ecosystem,
        user.module,
        user.version,
    )


def holders_of(
    view: View, facts: LineFacts, now: datetime, published_within: timedelta
) -> list[Blocker]:
    """Consumer versions whose requirement nothing but this line satisfies, by name."""
    graph = view.graph
    index = view.module_index(facts.module_id)
    if index is None:
        return []
    requirements = np.arange(graph.requirement_start[index], graph.requirement_start[index + 1])
    nodes = view.node_of(facts.version_ids)
    pairs = only_satisfied_within(view, requirements, int(nodes.min()), int(nodes.max()))
    counts = graph.dependents_start[pairs + 1] - graph.dependents_start[pairs]
    consumers = neighbours(graph.dependents_start, graph.dependents_version, pairs)
    scopes = neighbours(graph.dependents_start, graph.dependents_scope, pairs)
    requirement = np.repeat(pairs, counts)
    recent = graph.version_published > int((now - published_within).timestamp())
    counted = (scopes == RUNTIME) & (view.is_current | recent)[consumers]
    counted &= graph.version_module[consumers] != index
    consumers, requirement = consumers[counted], requirement[counted]
    rows = version_rows(view, consumers[:MAX_BLOCKERS])
    ranges = ranges_of(view, requirement)
    blockers = []
    for consumer, place in zip(map(int, consumers), map(int, requirement), strict=True):
        version = rows.get(consumer)
        if version is None:
            blockers.append(Blocker("only_satisfiable_by", "", "", ""))
            continue
        owner = version.module.owner
        blockers.append(
            Blocker(
                "only_satisfiable_by",
                f"{version.module.name} {version.version}",
                owner.name if owner else "",
                f"declares {ranges.get(place, '')}, which nothing but {facts.line} satisfies",
                version.module.ecosystem,
                version.module.name,
                version.version,
            )
        )
    return sorted(blockers, key=lambda b: (b.owner == "", b.owner, b.name))
