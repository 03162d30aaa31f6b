"""The calendar: every instant stands on its day, days with nothing too."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lifecycle.models import Campaign, Exemption, Sunset
from lifecycle.selectors.calendar import EntryKind, calendar
from lineage.models import Module
from tests.factories.lifecycle import DAY, NOW, deployment, execute, flagged_platform, take_in

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def entries_of(first: date, last: date) -> dict[tuple[date, str], list[str]]:
    found: dict[tuple[date, str], list[str]] = {}
    for day in calendar(first, last):
        for entry in day.entries:
            found.setdefault((day.day, entry.kind.value), []).append(entry.title)
    return found


def test_every_day_is_there_even_with_nothing_on_it() -> None:
    days = calendar(date(2024, 2, 28), date(2024, 3, 1))
    assert [day.day for day in days] == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert all(not day.entries and not day.expiring for day in days)


def test_what_went_stands_on_its_day_and_on_the_last_day_of_its_restoring() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    found = entries_of(TODAY, sunset.restorable_until.date())
    assert found[TODAY, EntryKind.WENT] == ["auth 1.x"]
    assert found[sunset.restorable_until.date(), EntryKind.RESTORABLE] == ["auth 1.x"]


def test_what_is_in_grace_stands_on_the_day_it_goes_and_what_was_cancelled_nowhere() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    Sunset.objects.filter(pk=sunset.pk).update(
        state=Sunset.State.GRACE, executed_at=None, grace_until=NOW + 3 * DAY
    )
    in_three_days = (NOW + 3 * DAY).date()
    assert entries_of(TODAY, in_three_days) == {(in_three_days, EntryKind.GOES): ["auth 1.x"]}
    Sunset.objects.filter(pk=sunset.pk).update(state=Sunset.State.CANCELLED)
    assert entries_of(TODAY, in_three_days) == {}


def test_deprecations_campaigns_and_exemptions_stand_on_the_day_they_end() -> None:
    flagged_platform()
    ends = datetime(2024, 10, 1, tzinfo=UTC)
    take_in(
        {"type": "deprecation", "module": "auth", "range": "1.x", "sunset_at": ends.isoformat()}
    )
    auth = Module.objects.get(name="auth")
    by = {"started_by": "olga", "started_at": NOW, "reason": "old"}
    Campaign.objects.create(module=auth, line="2.x", deadline=ends, **by)
    Campaign.objects.create(module=auth, line="1.x", deadline=ends, state="cancelled", **by)
    asked = {"reason": "audit", "requested_by": "ana", "requested_at": NOW, "expires_at": ends}
    Exemption.objects.create(module=auth, line="1.x", state="approved", **asked)
    Exemption.objects.create(deployment_key="tv-home/prod", state="requested", **asked)
    assert entries_of(ends.date(), ends.date()) == {
        (ends.date(), EntryKind.DIES): ["auth 1.x"],
        (ends.date(), EntryKind.DEADLINE): ["auth 2.x"],
        (ends.date(), EntryKind.EXEMPTION): ["auth 1.x"],
    }


def test_deployments_that_expire_are_counted_on_their_day_alone() -> None:
    start = datetime(2024, 9, 1, 23, 30, tzinfo=UTC)
    take_in(
        deployment("a/test", "app", "1.0.0", started_at=start.isoformat(), ttl="P1D"),
        deployment("b/test", "app", "1.0.0", started_at=start.isoformat(), ttl="P2D"),
        deployment("c/test", "app", "1.0.0", started_at=start.isoformat()),
    )
    days = calendar(TODAY, TODAY + timedelta(days=3))
    assert [day.expiring for day in days] == [0, 1, 1, 0]
