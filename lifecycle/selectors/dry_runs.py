"""Dry runs: what a policy, saved or not, would flag and sunset now; nothing is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.backtest.waiting import waits_for
from lifecycle.exceptions import InvalidPolicy
from lifecycle.freezing import frozen_because
from lifecycle.models import Finding
from lifecycle.policies.exemptions import exemption_of
from lifecycle.policies.precedence import Effect, Rulebook, RulePolicy
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules import unused_version
from lifecycle.rules.base import Flag
from lifecycle.rules.registry import RULES
from lifecycle.selectors.exemptions import exempt_at
from lifecycle.selectors.facts import Knowledge
from lifecycle.selectors.freezing import Freezing
from lifecycle.selectors.policies import draft_of, policy_by_id, rulebook
from lifecycle.services.policies import check_policy
from lineage.models import Team


@dataclass(frozen=True, slots=True)
class DryRunItem:
    """One thing the policy would flag; ``goes_at`` is when it goes by itself at the earliest."""

    flag: Flag
    owner: str
    is_new: bool  # no open finding says so yet
    is_exempt: bool
    is_frozen: bool
    goes_at: datetime | None

    @property
    def label(self) -> str:
        """What would be flagged, by name."""
        return str(self.flag.evidence.get("label", self.flag.subject))


@dataclass(frozen=True, slots=True)
class OwnerShare:
    """How much of it an owner has; an empty name is nobody."""

    owner: str
    flagged: int
    things: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a policy would do now, beside what is found now.

    ``closed`` are the open findings of the rule that would close. ``decided_by`` counts
    what the rule flags in all, by the policy that decides on it.
    """

    policy: RulePolicy
    at: datetime
    items: list[DryRunItem]
    closed: list[Finding]
    owners: list[OwnerShare]
    decided_by: Mapping[str, int] = field(default_factory=dict)

    @property
    def flagged(self) -> int:
        return len(self.items)

    @property
    def things(self) -> int:
        """How many versions and deployments would go."""
        return sum(item.flag.size for item in self.items)

    @property
    def new(self) -> int:
        return sum(item.is_new for item in self.items)

    @property
    def same(self) -> int:
        return self.flagged - self.new

    @property
    def going(self) -> list[DryRunItem]:
        """What would go without anybody asking."""
        return [item for item in self.items if item.goes_at is not None]

    @property
    def going_count(self) -> int:
        return len(self.going)

    @property
    def closed_count(self) -> int:
        return len(self.closed)

    @property
    def first_goes_at(self) -> datetime | None:
        return min((item.goes_at for item in self.items if item.goes_at), default=None)

    @property
    def is_actionable(self) -> bool:
        """Whether anything can go by this rule at all."""
        return RULES[self.policy.rule].is_actionable


def dry_run(
    *, now: datetime, draft: PolicyDraft | None = None, policy_id: int | None = None
) -> DryRun:
    """What a draft would do in place of the policy of that id, or that policy as it is.

    A policy that is switched off is taken as if it were on. Everything else stays as it
    is in force, so what outranks it does so here. Raises UnknownThing, InvalidPolicy.
    """
    if policy_id is not None:
        stored = policy_by_id(policy_id)
        draft = draft or draft_of(stored)
    if draft is None:
        raise InvalidPolicy({"policy": ["Name a policy or state a draft."]})
    check_policy(draft)
    book = rulebook(draft=draft, without=policy_id)
    ranked = book.of(draft.rule).ranked
    policy = next(p for p in ranked if not p.is_default and p.id == policy_id)
    return _run(book, policy, now)


def dry_run_default(name: str, *, now: datetime) -> DryRun | None:
    """What a built-in policy does now; None where none is called so."""
    book = rulebook()
    policy = next((p for p in book.policies if p.is_default and p.name == name), None)
    return None if policy is None else _run(book, policy, now)


def _run(book: Rulebook, policy: RulePolicy, now: datetime) -> DryRun:
    exempt, freezing = exempt_at(now), Freezing(now)
    lines = exempt.lines(unused_version.NAME)
    knowledge = Knowledge(book, now=now, exempt_lines=lines)
    flags = knowledge.flags(RULES[policy.rule])
    findings = {f.subject: f for f in Finding.objects.filter(rule=policy.rule, closed_at=None)}
    mine = [f for f in flags if f.policy_name == policy.name and f.policy_id == policy.id]
    subjects = {flag.subject for flag in flags}
    names = _names(mine)
    items = []
    for flag in sorted(mine, key=lambda flag: (flag.since, flag.subject)):
        finding = findings.get(flag.subject)
        is_exempt = exemption_of(flag, exempt) is not None
        is_frozen = bool(frozen_because(freezing.sources_of(flag)))
        items.append(
            DryRunItem(
                flag=flag,
                owner=names.get(flag.owner_id or 0, ""),
                is_new=finding is None,
                is_exempt=is_exempt,
                is_frozen=is_frozen,
                goes_at=None if is_exempt or is_frozen else _goes_at(flag, policy, now),
            )
        )
    return DryRun(
        policy=policy,
        at=now,
        items=items,
        closed=[found for subject, found in findings.items() if subject not in subjects],
        owners=_owners(items),
        decided_by=dict(Counter(flag.policy_name for flag in flags).most_common()),
    )


def _goes_at(flag: Flag, policy: RulePolicy, now: datetime) -> datetime | None:
    """When it goes by itself, if it is announced now and nothing comes in between."""
    if policy.effect is not Effect.AUTOMATIC:
        return None
    free = now + waits_for(policy.terms, is_owned=flag.owner_id is not None)
    return policy.terms.window.next_open(free)


def _names(flags: Sequence[Flag]) -> dict[int, str]:
    owners = {flag.owner_id for flag in flags if flag.owner_id is not None}
    return dict(Team.objects.filter(pk__in=owners).order_by().values_list("id", "name"))


def _owners(items: Sequence[DryRunItem]) -> list[OwnerShare]:
    flagged: Counter[str] = Counter(item.owner for item in items)
    things: Counter[str] = Counter()
    for item in items:
        things[item.owner] += item.flag.size
    shares = [OwnerShare(owner, number, things[owner]) for owner, number in flagged.items()]
    return sorted(shares, key=lambda share: (-share.flagged, share.owner))
