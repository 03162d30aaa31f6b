"""How far a TTL can be extended: at once, in all, and by whom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.extension import Allowance, allowance
from lifecycle.rules.expired_deployment import ExpirySettings

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SETTINGS = ExpirySettings()


def given_to(
    *,
    expires: float = -1,
    original: float | None = None,
    settings: ExpirySettings = SETTINGS,
    is_prod: bool = False,
    is_operator: bool = False,
    days: int | None = None,
) -> Allowance:
    """Days are counted from NOW."""
    at = NOW + expires * DAY
    return allowance(
        expires_at=at, original=at if original is None else NOW + original * DAY,
        settings=settings, is_prod=is_prod, is_operator=is_operator, now=NOW, days=days,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expires", "original", "until"),
    [
        (-1, -1, 7),  # expired: from now
        (3, 3, 10),  # not yet: from its expiry
        (20, 0, 27),
        (26, 0, 30),  # the rest of what it may
        (-27, -27, 3),
    ],
)
def test_an_extension_counts_from_expiry_or_now_up_to_the_limit(
    expires: float, original: float, until: float
) -> None:
    found = given_to(expires=expires, original=original)
    assert found.until == NOW + until * DAY
    assert found.days == until - max(expires, 0)


@pytest.mark.parametrize(("expires", "original"), [(30, 0), (-30, -30), (-100, -100), (45, 0)])
def test_at_the_limit_nothing_is_left(expires: float, original: float) -> None:
    found = given_to(expires=expires, original=original)
    assert found == Allowance(None, "has run as long as it may, 30 days beyond its original expiry")


@pytest.mark.parametrize(
    ("is_prod", "is_operator", "reason"),
    [
        (False, False, ""),
        (False, True, ""),
        (True, True, ""),
        (True, False, "cannot be extended under its policy, but operators can"),
    ],
)
def test_production_is_for_operators(is_prod: bool, is_operator: bool, reason: str) -> None:
    found = given_to(is_prod=is_prod, is_operator=is_operator)
    assert (found.reason, found.until is None) == (reason, bool(reason))


def test_a_policy_can_allow_nobody_or_a_production_owner() -> None:
    nobody = replace(SETTINGS, extend_owner_days=0, extend_operator_days=0)
    for is_operator in (False, True):
        found = given_to(settings=nobody, is_operator=is_operator)
        assert found.reason == "cannot be extended under its policy"
    owners = replace(SETTINGS, extend_owner_prod_days=2)
    assert given_to(settings=owners, is_prod=True).until == NOW + 2 * DAY


def test_fewer_days_can_be_asked_for_and_more_are_refused() -> None:
    assert given_to(days=2).until == NOW + 2 * DAY
    assert given_to(days=8).reason == "can be extended by at most 7 days at once"


def test_without_a_ttl_there_is_nothing_to_extend() -> None:
    found = allowance(
        expires_at=None, original=None, settings=SETTINGS, is_prod=False, is_operator=True, now=NOW
    )
    assert found == Allowance(None, "has no TTL to extend")


@given(st.integers(0, 10), st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=20))
def test_however_often_it_is_extended_it_ends_within_the_limit(
    most: int, clicks: list[tuple[int, bool]]
) -> None:
    original = expires = now = NOW
    settings = replace(SETTINGS, extend_most_days=most)
    for later, is_operator in clicks:
        now += later * DAY
        found = allowance(
            expires_at=expires, original=original, settings=settings, is_prod=False,
            is_operator=is_operator, now=now,
        )  # fmt: skip
        if found.until is not None:
            assert found.until > max(expires, now)
            expires = found.until
        assert expires <= original + most * DAY
