"""What a policy lets go by itself: announced by policy and owner, never over anybody's word."""

import pytest

from lifecycle.models import AuditEntry, Finding, Notice, Sunset
from lifecycle.services.sunsets import cancel_sunset, drive_sunsets
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    operator,
    sunset_versions,
    sweep_and_tell,
    take_in,
    version,
)
from tests.factories.sunsets import announce, asked_platform, drive, state_of, under_terms

pytestmark = pytest.mark.django_db
MORE = (
    version("jwt", "1.0.0", owner="identity"),
    version("jwt", "2.0.0", owner="identity"),
    deployment("tv-home/test", "tv-home", "1.0.0", ttl="P7D"),
)


def make_automatic() -> None:
    take_in(*PLATFORM, *MORE)
    sweep_and_tell()
    Finding.objects.update(is_automatic=True, policy_name="clean up")


def titles() -> list[str]:
    return sorted(Sunset.objects.values_list("title", flat=True))


def test_one_sunset_an_owner_and_policy_is_announced() -> None:
    make_automatic()
    with under_terms(grace=3 * DAY):
        assert drive_sunsets(NOW).announced == 2
    assert titles() == [
        "2 things: auth 1.x, jwt 1.x …", "2 things: tv-home/preview, tv-home/test …",
    ]  # fmt: skip
    made = Sunset.objects.order_by("title").first()
    assert (made.kind, made.made_by, made.reason) == (
        "automatic", "policy clean up", "Policy clean up",
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="announce", actor="policy clean up").count() == 2
    assert Notice.objects.filter(kind="announced").count() == 2
    drive(NOW)
    drive(NOW + 3 * DAY)
    assert set(Sunset.objects.values_list("state", flat=True)) == {"done"}


def test_announced_once_however_often_it_is_driven() -> None:
    make_automatic()
    with under_terms(grace=3 * DAY):
        drive_sunsets(NOW)
        assert drive_sunsets(NOW).announced == 0
        assert drive_sunsets(NOW + DAY).announced == 0
    assert Sunset.objects.count() == 2


def test_findings_that_ask_are_not_announced() -> None:
    asked_platform()
    assert drive_sunsets(NOW).announced == 0
    assert not Sunset.objects.exists()


def test_one_in_the_way_does_not_hold_the_others_back() -> None:
    make_automatic()
    take_in(
        version("old-job", "1.0.0", "auth@^1", owner="jobs"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(0)),
    )
    with under_terms(grace=3 * DAY):
        drive_sunsets(NOW)
    assert "jwt 1.x" in titles()
    assert not any("auth 1.x" in title for title in titles())


def test_frozen_and_exempt_findings_are_left_alone() -> None:
    make_automatic()
    Finding.objects.filter(module__name="auth").update(frozen_at=NOW)
    with under_terms(grace=DAY):
        drive_sunsets(NOW)
    assert not any("auth 1.x" in title for title in titles())


def test_cancelled_by_somebody_it_is_not_announced_again() -> None:
    make_automatic()
    with under_terms(grace=3 * DAY):
        drive_sunsets(NOW)
        sunset = Sunset.objects.get(title__contains="auth")
        cancel_sunset(sunset.pk, actor=operator(), reason="no", now=NOW)
        assert drive_sunsets(NOW + DAY).announced == 0
    drive(NOW + 9 * DAY)
    assert sunset_versions() == []


def test_what_somebody_announced_is_not_announced_by_the_policy() -> None:
    asked_platform()
    sunset = announce("auth 1.x")
    Finding.objects.update(is_automatic=True, policy_name="clean up")
    with under_terms(grace=3 * DAY):
        assert drive_sunsets(NOW).announced == 1
    assert Sunset.objects.exclude(pk=sunset.pk).get().title == "tv-home/preview"
    assert state_of(sunset) == "announced"
