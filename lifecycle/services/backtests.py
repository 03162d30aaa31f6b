"""Backtests: asked for and kept; ``backtest_runs`` replays them."""

from datetime import datetime
from typing import Any

from lifecycle.exceptions import InvalidPolicy, PermissionDenied, TooManyBacktests
from lifecycle.models import Backtest
from lifecycle.permissions import Actor
from lifecycle.policies.validation import PolicyDraft
from lifecycle.selectors.policies import draft_of, policy_by_id
from lineage.ingest.bulk import exclusive
from lineage.selectors.window import days_before

DAYS, MOST_DAYS = 90, 365
MOST_WAITING = 10
KEPT = 50
LOCK = 0x42414354  # "BACT"
UNFINISHED = (Backtest.State.QUEUED, Backtest.State.RUNNING)


def ask_backtest(
    *,
    actor: Actor,
    now: datetime,
    days: int = DAYS,
    policy_id: int | None = None,
    draft: PolicyDraft | None = None,
) -> Backtest:
    """Ask for a replay of a policy, a draft of one, or all in force; anybody signed in may.

    The same question while it is not answered yet is not asked twice. ``draft`` has no
    faults, and takes the place of the policy where both are given. Raises UnknownThing,
    InvalidPolicy for days out of bounds, TooManyBacktests.
    """
    if "read" not in actor.scopes:
        raise PermissionDenied(actor.name, "run a backtest")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidPolicy({"days": [f"It must be from 1 to {MOST_DAYS}."]})
    policy = None if policy_id is None else policy_by_id(policy_id)
    if draft is None and policy is not None:
        draft = draft_of(policy)
    with exclusive(LOCK):
        kept = _as_json(draft)
        same = Backtest.objects.filter(
            state__in=UNFINISHED, policy=policy, draft=kept, days=days
        ).first()
        if same is not None:
            return same
        if Backtest.objects.filter(state__in=UNFINISHED).count() >= MOST_WAITING:
            raise TooManyBacktests(MOST_WAITING)
        _forget_old()
        return Backtest.objects.create(
            policy=policy,
            name=draft.name if draft else "",
            draft=kept,
            days=days,
            asked_by=actor.name,
            asked_at=now,
            total=len(days_before(now, days).ends),
        )


def _as_json(draft: PolicyDraft | None) -> dict[str, Any]:
    return {} if draft is None else {n: getattr(draft, n) for n in PolicyDraft.__slots__}


def _forget_old() -> None:
    """Keep the newest; what they listed goes with them."""
    kept = Backtest.objects.order_by("-asked_at", "-id").values_list("pk", flat=True)[:KEPT]
    Backtest.objects.exclude(pk__in=list(kept)).exclude(state__in=UNFINISHED).delete()
