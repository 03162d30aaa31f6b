"""Who is left on a line that is to be drained, and what else its sunset waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lifecycle.freezing import frozen_because
from lifecycle.policies.exemptions import exemption_of
from lifecycle.policies.precedence import Effect
from lifecycle.policies.selection import Subject as PolicySubject
from lifecycle.rules.base import Flag, line_subject
from lifecycle.rules.unused_range import NAME
from lifecycle.selectors.exemptions import exempt_at
from lifecycle.selectors.freezing import Freezing
from lifecycle.selectors.policies import rulebook
from lifecycle.selectors.windows import unused_for
from lineage.exceptions import UnknownLine
from lineage.lines import LineFacts, LineState, judge
from lineage.models import Module
from lineage.selectors.blockers import HELD, Blocker, Blockers, blockers_of
from lineage.selectors.paging import DEFAULT_SIZE, MAX_SIZE
from lineage.selectors.range_facts import Subject, subject_of
from lineage.selectors.view import View, current_view

BOUND = (LineState.IN_USE, LineState.HELD)
DRAINED = (LineState.WAITING, LineState.UNUSED)
GONE = (LineState.SUNSET, LineState.EMPTY)


@dataclass(frozen=True, slots=True)
class Drain:
    """Where a line stands and who is left: distinct consumers, their live deployments.

    ``named`` is a page of who is left, by name, with the counts of each owner.
    """

    state: LineState
    reason: str
    consumers: int
    deployments: int
    named: Blockers

    @property
    def is_bound(self) -> bool:
        """Whether somebody is left."""
        return self.state in BOUND

    @property
    def is_drained(self) -> bool:
        """Whether nobody is left, whether or not the wait of the unused is over."""
        return self.state in DRAINED

    @property
    def is_gone(self) -> bool:
        """Whether nothing of it stands any more."""
        return self.state in GONE


def drain_of(
    module: Module, line: str, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Drain:
    """Who is left on a line now. A line that is no more has nobody left."""
    view = current_view(now)
    try:
        subject = subject_of(view, module, line, now=now, published_within=unused_for(module))
    except UnknownLine as error:
        return Drain(LineState.EMPTY, str(error), 0, 0, Blockers([], 0, page, size))
    verdict = judge(subject.facts, now=now, unused_for=unused_for(module))
    named = blockers_of(view, subject, verdict, page=page, size=size)
    is_bound = verdict.state in BOUND
    return Drain(
        state=verdict.state,
        reason=verdict.reason,
        consumers=_consumers(view, subject) if is_bound else 0,
        deployments=sum(n for kind, n in named.kinds if kind != HELD) if is_bound else 0,
        named=named,
    )


def everyone_left(module: Module, line: str, *, now: datetime, most: int) -> Iterator[Blocker]:
    """All who are left, by name, up to ``most``."""
    page, seen = 1, 0
    while True:
        named = drain_of(module, line, now=now, page=page, size=MAX_SIZE).named
        yield from named.rows[: most - seen]
        seen += len(named.rows)
        if not named.rows or seen >= min(named.total, most):
            return
        page += 1


def facts_of(module: Module, line: str, *, now: datetime) -> LineFacts | None:
    """What is known of a line; None where the module has no line of that name."""
    try:
        facts = subject_of(
            current_view(now), module, line, now=now, published_within=unused_for(module)
        ).facts
    except UnknownLine:
        return None
    return facts if facts.level in ("major", "minor") else None


def waits_for(module: Module, line: str, *, now: datetime) -> str:
    """What keeps a drained line from going, in words; empty where nothing does.

    An exemption, a policy that keeps it, a source that fell silent.
    """
    facts = facts_of(module, line, now=now)
    flag = Flag(
        rule=NAME,
        subject=line_subject(module.pk, line),
        module_id=module.pk,
        ecosystem=module.ecosystem,
        owner_id=module.owner_id,
        since=now,
        reason="",
        line=line,
        parent_line=facts.parent if facts else "",
    )
    exempt = exemption_of(flag, exempt_at(now))
    if exempt is not None:
        return f"It is exempt until {exempt.expires_at:%-d %b %Y}."
    subject = PolicySubject(module.ecosystem, module.name, module.owner_id)
    policy = rulebook().of(NAME).governing(subject)
    if policy is not None and policy.effect is Effect.KEEP:
        return f"The policy {policy.name} keeps it."
    because = frozen_because(Freezing(now).sources_of(flag))
    return f"It is frozen: {because}" if because else ""


def _consumers(view: View, subject: Subject) -> int:
    """Distinct modules that use the line or are held to it."""
    graph, fates = view.graph, subject.fates
    users = np.array([group.node for group in subject.groups], dtype=np.int64)
    holders = fates.consumer[np.flatnonzero(fates.is_held)].astype(np.int64)
    modules = graph.version_module[np.concatenate([users, holders])]
    return len(np.unique(modules))
