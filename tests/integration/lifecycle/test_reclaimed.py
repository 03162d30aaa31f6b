"""Reclaimed so far: what went and stayed gone, what came back set apart."""

import pytest

from lifecycle.models import SunsetItem
from lifecycle.selectors.reclaimed import reclaimed, reclaimed_by_week
from lifecycle.services.sunsets import mark_revived, restore_sunset
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    execute,
    flagged_platform,
    operator,
    take_in,
)

pytestmark = pytest.mark.django_db


def test_nothing_went_yet() -> None:
    total = reclaimed(now=NOW)
    assert (total.versions, total.deployments, total.deployment_days, total.returned) == (0,) * 4
    assert total.share_returned is None
    assert [week.versions for week in reclaimed_by_week(now=NOW, weeks=3)] == [0, 0, 0]


def test_versions_and_deployments_are_counted_and_days_grow_with_time() -> None:
    flagged_platform()
    execute("auth 1.x", "tv-home/preview")
    total = reclaimed(now=NOW + 10 * DAY)
    assert (total.versions, total.deployments, total.deployment_days) == (2, 1, 10)
    assert (total.went, total.returned, total.share_returned) == (3, 0, 0.0)
    assert SunsetItem.objects.count() == total.went


def test_what_was_restored_or_ingested_again_has_come_back() -> None:
    flagged_platform()
    versions = execute("auth 1.x")
    execute("tv-home/preview")
    restore_sunset(versions.pk, actor=operator(), reason="used", now=NOW + DAY)
    take_in(*PLATFORM, now=NOW + 2 * DAY)
    mark_revived(NOW + 2 * DAY)
    total = reclaimed(now=NOW + 3 * DAY)
    assert (total.versions, total.went) == (0, 3)
    assert total.returned == 3 - total.deployments
    week = reclaimed_by_week(now=NOW + 3 * DAY)[-2]
    assert (week.versions, week.deployments, week.returned) == (
        0,
        total.deployments,
        total.returned,
    )


def test_weeks_add_up_to_the_total() -> None:
    flagged_platform()
    execute("auth 1.x")
    execute("tv-home/preview", now=NOW + 7 * DAY)
    weeks = reclaimed_by_week(now=NOW + 8 * DAY, weeks=4)
    assert [(week.versions, week.deployments) for week in weeks] == [(0, 0), (2, 0), (0, 1), (0, 0)]
