"""Backtests: the list, one of them, and what would have gone in it."""

from lifecycle.exceptions import UnknownThing
from lifecycle.models import Backtest, BacktestItem
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

SORTS = ("gone", "used", "days", "versions")
ORDERS = {
    "gone": ("gone_at", "id"),
    "used": ("used_again_at", "id"),
    "days": ("-deployment_days", "id"),
    "versions": ("-versions", "id"),
}


def backtest_by_id(pk: int) -> Backtest:
    """One backtest; raises UnknownThing."""
    found = Backtest.objects.select_related("policy").filter(pk=pk).first()
    if found is None:
        raise UnknownThing("backtest")
    return found


def latest_backtest(policy_id: int | None) -> Backtest | None:
    """The newest of a policy as it is kept, or of all policies in force."""
    found = Backtest.objects.select_related("policy").order_by("-asked_at", "-id")
    if policy_id is None:
        return found.filter(policy=None, name="").first()
    return found.filter(policy_id=policy_id).first()


def backtest_list(*, page: int = 1, size: int = DEFAULT_SIZE) -> Slice[Backtest]:
    """All that are kept, newest first."""
    start, stop = bounds(page, size)
    rows = Backtest.objects.select_related("policy").order_by("-asked_at", "-id")
    return Slice(list(rows[start:stop]), rows.count(), max(page, 1), stop - start)


def backtest_items(
    backtest: Backtest,
    *,
    used_again: bool = False,
    rule: str = "",
    owner: str = "",
    sort: str = "gone",
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[BacktestItem]:
    """What would have gone, in the order it would have; ``used_again`` only what was."""
    start, stop = bounds(page, size)
    rows = BacktestItem.objects.filter(backtest=backtest)
    if used_again or sort == "used":
        rows = rows.filter(used_again_at__isnull=False)
    if rule:
        rows = rows.filter(rule=rule)
    if owner:
        rows = rows.filter(owner__name=owner)
    ordered = rows.select_related("module", "owner").order_by(*ORDERS.get(sort, ORDERS["gone"]))
    return Slice(list(ordered[start:stop]), rows.count(), max(page, 1), stop - start)
