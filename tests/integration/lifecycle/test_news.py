"""What is read off the facts and told: each once, to those it concerns, as notice and event."""

import msgspec
import pytest

from lifecycle.events import kind_named
from lifecycle.models import Event, Notice
from lifecycle.services.news import tell_news
from lifecycle.services.sunsets import restore_sunset
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    Record,
    ago,
    deployment,
    execute,
    operator,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_swept_platform() -> None:
    take_in(*PLATFORM)
    sweep_and_tell()
    Event.objects.all().delete()


def events(kind: str = "") -> list[tuple[str, str]]:
    rows = Event.objects.filter(kind__startswith=kind).order_by("id")
    return [(row.kind, row.title) for row in rows]


def notices(kind: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).select_related("team").order_by("team__name")
    return [(row.team.name if row.team else "operators", row.title) for row in rows]


def deprecation(**stated: object) -> Record:
    return {"type": "deprecation", "module": "auth", "range": "2.x", **stated}


def test_history_is_no_event() -> None:
    sweep(NOW + DAY)
    assert events() == []


@pytest.mark.parametrize(
    ("number", "change", "kind"),
    [("2.0.1", "patch", "published"), ("2.1.0", "minor", "published"),
     ("3.0.0", "major", "published")],
)  # fmt: skip
def test_version_that_comes_out_is_an_event_by_the_size_of_its_step(
    number: str, change: str, kind: str
) -> None:
    take_in(version("auth", number, owner="identity", published_at=ago(1)))
    sweep(NOW)
    assert events("version") == [(f"version.published.{change}", f"auth {number} is out")]
    row = Event.objects.get(kind__startswith="version")
    assert (row.data["previous"], row.data["module"]["owner"]) == ("2.0.0", "identity")
    assert row.audience == [Notice.objects.get(kind=kind).team_id]


def test_every_version_of_several_is_told_to_those_who_depend_on_it() -> None:
    numbers = ["2.0.1", "2.1.0", "2.2.0", "3.0.0"]
    take_in(*(version("auth", n, owner="identity", published_at=ago(1)) for n in numbers))
    sweep(NOW)
    assert len(events("version")) == 4
    (notice,) = Notice.objects.filter(kind="published")
    told = [item["detail"].rpartition(", ")[2] for item in notice.items]
    assert told == [f"auth {number} is out" for number in numbers]


def test_patch_outside_the_range_of_what_runs_is_a_fix() -> None:
    take_in(
        version("pinned", "1.0.0", "auth@2.0.0", owner="tv"),
        deployment("pinned/prod", "pinned", "1.0.0"),
        version("auth", "2.0.1", owner="identity", published_at=ago(1)),
    )
    sweep(NOW)
    assert events("fix") == [("fix.available", "auth 2.0.1 mends what you run")]
    assert Event.objects.get(kind="fix.available").data["consumers"] == ["pinned 1.0.0"]
    assert notices("fix") == [("tv", "auth 2.0.1 mends what you run: auth 2.0.0")]


def test_deprecation_is_an_event_and_with_a_date_another() -> None:
    take_in(deprecation(deprecated_at=ago(5)))
    sweep(NOW)
    take_in(deprecation(deprecated_at=ago(1), sunset_at="2024-12-01T00:00:00Z"))
    sweep(NOW)
    assert [kind for kind, _ in events()] == ["version.deprecated", "range.dying"]


def test_yank_is_told_to_those_whose_range_took_it() -> None:
    take_in(version("auth", "2.1.0", owner="identity", published_at=ago(1)))
    sweep(NOW)
    take_in({"type": "yank", "module": "auth", "version": "2.1.0", "reason": "broken build"})
    take_in({"type": "yank", "module": "auth", "version": "1.0.0", "reason": "old"})
    sweep(NOW)
    sweep(NOW + DAY)
    assert sorted(events("version.yanked")) == [
        ("version.yanked", "auth 1.0.0 was yanked"),
        ("version.yanked", "auth 2.1.0 was yanked"),
    ]
    assert notices("yanked") == [("tv", "auth 2.1.0 was yanked: you run it or may have")]
    assert Notice.objects.get(kind="yanked").body == "broken build"


def test_consumers_of_what_dies_within_two_weeks_hear_that_they_block_it_once() -> None:
    take_in(deprecation(sunset_at=(NOW + 20 * DAY).isoformat()))
    sweep(NOW)
    assert notices("blocking") == []
    sweep(NOW + 7 * DAY)
    sweep(NOW + 8 * DAY)
    assert notices("blocking") == [("tv", "You block the sunset of auth")]
    assert events("sunset.blocked") == [("sunset.blocked", "1 consumers block the sunset of auth")]


def test_deployment_is_told_a_day_before_it_expires_and_noted_when_it_has() -> None:
    take_in(deployment("late/test", "tv-home", "1.0.0", started_at=ago(5), ttl="P7D"))
    sweep(NOW)
    assert notices("expiring") == []
    sweep(NOW + 1.5 * DAY)
    sweep(NOW + 1.6 * DAY)
    assert notices("expiring") == [("tv", "late/test expires 3 Sep 2024 12:00 UTC")]
    sweep(NOW + 3 * DAY)
    assert [kind for kind, _ in events("deployment")] == [
        "deployment.expiring",
        "deployment.expired",
    ]
    assert Event.objects.filter(kind__startswith="deployment").first().environment == "test"


def test_steps_of_a_sunset_are_events_with_what_they_list() -> None:
    sunset = execute("auth 1.x")
    sweep(NOW)
    restore_sunset(sunset.pk, actor=operator(), reason="needed", now=NOW + DAY)
    sweep(NOW + DAY)
    assert [kind for kind, _ in events("sunset")] == ["sunset.done", "sunset.restored"]
    assert len(Event.objects.get(kind="sunset.done").data["items"]) == 2


def test_source_that_goes_quiet_is_told_to_the_operators_each_time_it_does() -> None:
    take_in(
        {"type": "source", "name": "clock", "cadence": "PT1H"},
        version("x", "1.0.0"),
        source="clock",
    )
    sweep(NOW)
    for days in (1, 2):
        sweep(NOW + days * DAY)
    take_in(
        {"type": "source", "name": "clock", "cadence": "PT1H"}, now=NOW + 3 * DAY, source="clock"
    )
    sweep(NOW + 3 * DAY)
    sweep(NOW + 4 * DAY)
    assert notices("quiet") == [("operators", "The source clock has gone quiet")] * 2
    assert len(events("source.quiet")) == 2


def test_provider_hears_of_the_best_milestone_its_newest_version_reached() -> None:
    take_in(version("auth", "2.1.0", owner="identity", published_at=ago(1)))
    sweep(NOW)
    sweep(NOW)
    assert notices("uptake") == [("identity", "100 % of live consumers take auth 2.1.0")]
    assert Event.objects.get(kind="uptake.milestone").data["percent"] == 100


def test_nothing_is_told_twice_and_all_events_say_what_their_schema_asks() -> None:
    take_in(
        version("auth", "2.1.0", owner="identity", published_at=ago(1)),
        deprecation(sunset_at=(NOW + 5 * DAY).isoformat()),
        {"type": "yank", "module": "auth", "version": "1.0.0", "reason": "broken"},
    )
    sweep(NOW)
    before = Event.objects.count(), Notice.objects.count()
    assert before[0] >= 4
    assert tell_news(NOW) == 0
    assert (Event.objects.count(), Notice.objects.count()) == before
    for row in Event.objects.all():
        msgspec.convert(row.data, kind_named(row.kind).data)
