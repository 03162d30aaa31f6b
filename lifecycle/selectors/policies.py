"""Policies as the rules take them, the built-in defaults included, and the terms they set."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from django.conf import settings

from lifecycle.exceptions import CannotGoTogether, UnknownThing
from lifecycle.models import Finding, Policy
from lifecycle.policies.defaults import default_policies
from lifecycle.policies.precedence import Rulebook, RulePolicy
from lifecycle.policies.terms import Terms, strictest
from lifecycle.policies.validation import PolicyDraft, policy_of
from lifecycle.rules.base import Numbers
from lifecycle.rules.registry import RULES
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

LATEST = 2**63  # a draft is later than whatever is stored


def rulebook(*, draft: PolicyDraft | None = None, without: int | None = None) -> Rulebook:
    """Every enabled policy and every default; one query.

    ``draft`` is taken as if it were saved, in place of the policy ``without``. It has no
    faults.
    """
    stored = (pure for row in stored_policies() if row.pk != without and (pure := rule_policy(row)))
    drafted = [policy_of(draft, id=without, order=without or LATEST)] if draft else []
    return Rulebook([*stored, *drafted, *defaults()])


def defaults() -> list[RulePolicy]:
    """The built-in policies, filled from the settings."""
    return default_policies(numbers())


def numbers() -> Numbers:
    """What the settings say about waiting."""
    return Numbers(
        unused_for=settings.UNUSED_FOR_DAYS,
        ownerless_wait=settings.OWNERLESS_WAIT_DAYS,
        restorable_for=settings.RESTORE_FOR_DAYS,
    )


def stored_policies() -> list[Policy]:
    """The policies somebody made that are enabled, oldest first."""
    return list(Policy.objects.filter(is_enabled=True).order_by("id"))


def policy_list() -> list[Policy]:
    """Every policy somebody made, by rule and name."""
    return list(Policy.objects.select_related("owner").order_by("rule", "name"))


def policy_page(*, rule: str = "", page: int = 1, size: int = DEFAULT_SIZE) -> Slice[Policy]:
    """A page of them, by rule and name."""
    start, stop = bounds(page, size)
    rows = Policy.objects.select_related("owner").order_by("rule", "name")
    if rule:
        rows = rows.filter(rule=rule)
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


def policy_by_id(pk: int) -> Policy:
    """One policy; raises UnknownThing."""
    found = Policy.objects.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise UnknownThing("policy")
    return found


def draft_of(row: Policy) -> PolicyDraft:
    """A stored policy as it would be typed."""
    return PolicyDraft(**{name: getattr(row, name) for name in PolicyDraft.__slots__})


def rule_policy(row: Policy) -> RulePolicy | None:
    """A stored policy as the rules take it; None for one of a rule that is no more."""
    return policy_of(draft_of(row), id=row.pk, order=row.pk) if row.rule in RULES else None


def terms_for(findings: Iterable[Finding], *, is_automatic: bool = False) -> Terms:
    """The terms under which these may go together: the strictest of their policies'.

    The grace of an automatic policy binds what it announces by itself; where somebody
    confirms a plan, only that of the policies that ask counts. Raises CannotGoTogether
    where their policies contradict each other.
    """
    book = rulebook()
    terms = {terms for f in findings for terms in _terms_of(f, book, is_automatic=is_automatic)}
    if not terms:
        return Terms(
            ownerless_wait=timedelta(days=settings.OWNERLESS_WAIT_DAYS),
            restorable_for=timedelta(days=settings.RESTORE_FOR_DAYS),
        )
    try:
        return strictest(terms)
    except ValueError as error:
        raise CannotGoTogether(str(error)) from error


def _terms_of(finding: Finding, book: Rulebook, *, is_automatic: bool) -> Iterator[Terms]:
    """Those of the policy it was judged under, as it is now; all of its rule's if that is gone."""
    policies = book.of(finding.rule).ranked
    same = [p for p in policies if _is_of(p, finding)]
    for policy in same or policies:
        counts = is_automatic or not policy.is_automatic
        yield policy.terms if counts else replace(policy.terms, grace=timedelta())


def _is_of(policy: RulePolicy, finding: Finding) -> bool:
    if finding.policy_id is not None:
        return policy.id == finding.policy_id
    return policy.is_default and policy.name == finding.policy_name
