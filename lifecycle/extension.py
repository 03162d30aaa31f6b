"""How far the TTL of a deployment can be extended, and by whom (pure)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.rules.expired_deployment import ExpirySettings


@dataclass(frozen=True, slots=True)
class Allowance:
    """Until when it may run after one click; without ``until`` not, and ``reason`` says why."""

    until: datetime | None
    reason: str = ""
    days: int = 0


def allowance(
    *,
    expires_at: datetime | None,
    original: datetime | None,
    settings: ExpirySettings,
    is_prod: bool,
    is_operator: bool,
    now: datetime,
    days: int | None = None,
) -> Allowance:
    """What one extension gives: the policy's days at once, or fewer if asked for fewer.

    Counted from its expiry or from now, whichever is later, and never farther than the
    policy lets it run beyond its original expiry.
    """
    if expires_at is None or original is None:
        return Allowance(None, "has no TTL to extend")
    at_once = _at_once(settings, is_prod=is_prod, is_operator=is_operator)
    if not at_once:
        who = "" if is_operator or not settings.extend_operator_days else ", but operators can"
        return Allowance(None, f"cannot be extended under its policy{who}")
    if days is not None and days > at_once:
        return Allowance(None, f"can be extended by at most {_days(at_once)} at once")
    limit = original + timedelta(days=settings.extend_most_days)
    wanted = max(expires_at, now) + timedelta(days=at_once if days is None else days)
    until = min(wanted, limit)
    if until <= max(expires_at, now):
        most = _days(settings.extend_most_days)
        return Allowance(None, f"has run as long as it may, {most} beyond its original expiry")
    return Allowance(until, days=-(-(until - max(expires_at, now)) // timedelta(days=1)))


def _at_once(settings: ExpirySettings, *, is_prod: bool, is_operator: bool) -> int:
    if is_operator:
        return settings.extend_operator_days
    return settings.extend_owner_prod_days if is_prod else settings.extend_owner_days


def _days(number: int) -> str:
    return f"{number:,} day{'' if number == 1 else 's'}"
