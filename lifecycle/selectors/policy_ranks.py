"""Policies in the order in which they are asked: of those that select a thing the first decides."""

from dataclasses import dataclass

from django.db.models import Count

from lifecycle.models import Finding, Policy
from lifecycle.policies.precedence import RulePolicy
from lifecycle.policies.validation import policy_of
from lifecycle.rules.base import Rule
from lifecycle.rules.registry import RULES
from lifecycle.selectors.policies import draft_of, policy_list, rulebook
from lineage.models import Team


@dataclass(frozen=True, slots=True)
class RankedPolicy:
    """One policy; ``place`` counts from 1, None of one that is switched off.

    ``row`` is None for a built-in one. ``open`` are the findings it decided on.
    """

    policy: RulePolicy
    row: Policy | None
    place: int | None
    open: int
    owner: str  # of its selection


def ranked_policies() -> list[tuple[Rule, list[RankedPolicy]]]:
    """Every rule with its policies, those switched off last; four queries."""
    stored = {row.pk: row for row in policy_list()}
    book, counts = rulebook(), _open_by_policy()
    names = dict(Team.objects.order_by().values_list("id", "name"))
    found = []
    for rule in RULES.values():
        ranked = book.of(rule.name).ranked
        rows = [
            RankedPolicy(
                policy=policy,
                row=stored.get(policy.id or 0),
                place=place,
                open=counts.get((rule.name, policy.id, policy.name), 0),
                owner=names.get(policy.selection.owner_id or 0, ""),
            )
            for place, policy in enumerate(ranked, start=1)
        ]
        off = [row for row in stored.values() if row.rule == rule.name and not row.is_enabled]
        rows += [
            RankedPolicy(
                policy=policy_of(draft_of(row), id=row.pk, order=row.pk),
                row=row,
                place=None,
                open=0,
                owner=names.get(row.owner_id or 0, ""),
            )
            for row in off
        ]
        found.append((rule, rows))
    return found


def _open_by_policy() -> dict[tuple[str, int | None, str], int]:
    rows = Finding.objects.filter(closed_at=None).order_by()
    counted = rows.values_list("rule", "policy_id", "policy_name").annotate(number=Count("id"))
    return {(rule, pk, name): number for rule, pk, name, number in counted}
