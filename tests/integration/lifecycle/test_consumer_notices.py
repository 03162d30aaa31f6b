"""Consumers hear of what they run: deprecated, about to be sunset, newer published."""

import pytest

from lifecycle.models import Notice
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    Record,
    ago,
    deployment,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
KINDS = ("deprecated", "dying", "published", "fix")


def told(*kinds: str) -> list[tuple[str, str, str]]:
    """(team, kind, title) of the notices to consumers, oldest first."""
    rows = Notice.objects.filter(kind__in=kinds or KINDS).select_related("team").order_by("id")
    return [(n.team.name if n.team else "operators", n.kind, n.title) for n in rows]


def deprecation(range: str = "2.x", **stated: object) -> Record:
    return {"type": "deprecation", "module": "auth", "range": range, **stated}


@pytest.fixture(autouse=True)
def _a_swept_platform() -> None:
    take_in(*PLATFORM)
    sweep(NOW)


def test_history_is_told_to_nobody() -> None:
    assert told() == []


def test_consumer_is_told_that_what_it_runs_is_deprecated() -> None:
    take_in(deprecation(message="CVE", replacement="^3"))
    sweep(NOW)
    assert told() == [("tv", "deprecated", "auth 2.0.0 is deprecated: you run it")]
    (item,) = Notice.objects.get(kind="deprecated").items
    assert item["label"] == "tv-home 1.0.0 runs auth 2.0.0"
    assert item["detail"] == "declares ^2, newest is 2.0.0"


def test_consumer_is_told_when_what_it_runs_is_about_to_be_sunset() -> None:
    take_in(deprecation(sunset_at="2024-12-01T00:00:00Z"))
    sweep(NOW)
    assert told() == [("tv", "dying", "auth 2.0.0 dies on 1 Dec 2024: you run it")]


def test_consumer_is_told_that_a_newer_version_is_out() -> None:
    take_in(version("auth", "3.0.0", owner="identity", published_at=ago(1)))
    sweep(NOW)
    assert told() == [("tv", "published", "auth 3.0.0 is out: you run auth 2.0.0")]


@pytest.mark.parametrize("days", [8, 300])
def test_version_published_long_ago_is_no_news(days: int) -> None:
    take_in(version("auth", "3.0.0", owner="identity", published_at=ago(days)))
    sweep(NOW)
    assert told() == []


def test_deprecation_of_what_nobody_runs_is_told_to_nobody() -> None:
    take_in(deprecation("1.x"))
    sweep(NOW)
    assert told() == []


def test_consumer_that_only_holds_a_range_and_does_not_run_is_not_told() -> None:
    take_in(version("sleeper", "1.0.0", "auth@^2", owner="sleepy"))
    take_in(deprecation())
    sweep(NOW)
    assert [team for team, _, _ in told()] == ["tv"]


def test_what_nobody_owns_is_told_to_the_operators() -> None:
    take_in(
        version("stray", "1.0.0", "auth@^2"),
        deployment("stray/prod", "stray", "1.0.0"),
        deprecation(),
    )
    sweep(NOW)
    assert sorted(team for team, _, _ in told()) == ["operators", "tv"]


def test_several_dependencies_make_one_digest_an_owner() -> None:
    take_in(
        version("json", "1.0.0"),
        version("tv-late", "1.0.0", "auth@^2", "json@^1", owner="tv"),
        deployment("tv-late/prod", "tv-late", "1.0.0"),
    )
    sweep(NOW)
    take_in(deprecation(), deprecation("*") | {"module": "json"})
    sweep(NOW)
    assert told() == [("tv", "deprecated", "2 dependencies you run are deprecated")]
    labels = [item["label"] for item in Notice.objects.get(kind="deprecated").items]
    assert sorted(labels) == [
        "tv-home 1.0.0 runs auth 2.0.0",
        "tv-late 1.0.0 runs auth 2.0.0",
        "tv-late 1.0.0 runs json 1.0.0",
    ]


def test_nothing_is_told_twice() -> None:
    take_in(deprecation(), version("auth", "3.0.0", published_at=ago(1)))
    sweep(NOW)
    first = told()
    assert len(first) == 2
    sweep(NOW)
    take_in(version("elsewhere", "1.0.0"))
    sweep(NOW + DAY)
    assert told() == first


def test_deprecation_that_gains_a_date_is_told_again() -> None:
    take_in(deprecation(deprecated_at=ago(5)))
    sweep(NOW)
    take_in(deprecation(deprecated_at=ago(1), sunset_at="2024-12-01T00:00:00Z"))
    sweep(NOW)
    assert [kind for _, kind, _ in told()] == ["deprecated", "dying"]
    take_in(deprecation(deprecated_at=ago(1), sunset_at="2024-12-01T00:00:00Z"))
    sweep(NOW)
    assert len(told()) == 2
