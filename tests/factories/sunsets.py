"""Sunsets on their way: terms as a policy would give them, and the people who act on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.permissions import SCOPES, Actor
from lifecycle.policies.terms import Terms
from lifecycle.services.notices import deliver_due
from lifecycle.services.plans import build
from lifecycle.services.sunsets import announce_sunset, drive_sunsets
from tests.factories.lifecycle import DAY, NOW, flagged_platform, operator, plan_of


@contextmanager
def under_terms(**terms: Any) -> Iterator[None]:
    """Every sunset announced meanwhile is under these terms, whatever its policy."""
    given = build.terms_for

    def with_terms(findings: list[Finding], *, is_automatic: bool) -> Terms:
        return replace(given(findings, is_automatic=is_automatic), **terms)

    with patch.object(build, "terms_for", with_terms):
        yield


def asked_platform() -> None:
    """PLATFORM, swept, its owners told, where nothing goes before somebody asks for it."""
    flagged_platform()
    Finding.objects.update(is_automatic=False)


def admin() -> Actor:
    """An operator who may stop and force."""
    return Actor("ada", is_operator=True, scopes=frozenset(SCOPES))


def announce(
    *labels: str,
    grace: timedelta | None = 3 * DAY,
    now: datetime = NOW,
    actor: Actor | None = None,
    **how: Any,
) -> Sunset:
    """Plan and announce at one instant, by default as an operator with three days of grace."""
    plan = plan_of(*labels, now=now)
    return announce_sunset(
        plan.request, hash=plan.hash, actor=actor or operator(), reason="tidying up", now=now,
        grace=grace, **how,
    )  # fmt: skip


def drive(now: datetime) -> None:
    """Deliver what is written and let the driver do what is due."""
    deliver_due(now)
    drive_sunsets(now)


def item_states(sunset: Sunset) -> dict[str, str]:
    """Label -> state of every item."""
    return dict(SunsetItem.objects.filter(sunset=sunset).values_list("label", "state"))


def state_of(sunset: Sunset) -> str:
    """The state it is in now."""
    return Sunset.objects.get(pk=sunset.pk).state
