"""Upgrade requests: asked, acknowledged, closed by the data alone."""

from datetime import timedelta

import pytest

from lifecycle.exceptions import CannotAsk, PermissionDenied, UnknownThing
from lifecycle.models import AuditEntry, Event, Notice, UpgradeRequest
from lifecycle.services.upgrade_following import follow_upgrades
from lifecycle.services.upgrade_requests import (
    Ask,
    acknowledge_upgrade,
    cancel_upgrade,
    request_upgrades,
)
from lineage.models import Module
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    deployment,
    ended,
    member,
    operator,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
ASK = Ask("^2", "1.x is to go", NOW + 30 * DAY)
SCM = {"repo": "https://git.example.com/tv", "commit": "9f8e7d6"}


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    take_in(
        version("auth", "1.0.0", owner="identity"),
        version("auth", "2.0.0", owner="identity"),
        version("tv", "1.0.0", "auth@^1", owner="tv", scm=SCM),
        version("car", "1.0.0", "auth@^1"),
        version("other", "1.0.0", owner="tv"),
        deployment("tv/prod", "tv", "1.0.0"),
    )
    refresh(NOW)


def module(name: str) -> Module:
    return Module.objects.select_related("owner").get(name=name)


def asked(*names: str) -> list[UpgradeRequest]:
    consumers = [module(name) for name in names]
    return request_upgrades(module("auth"), consumers, ASK, actor=operator(), now=NOW).created


def follow(*records: dict, now=NOW + DAY) -> UpgradeRequest:
    if records:
        take_in(*records, now=now)
        refresh(now)
    follow_upgrades(now)
    return UpgradeRequest.objects.get()


def test_asking_keeps_what_is_declared_where_the_source_is_and_tells_the_owner() -> None:
    made, ownerless = asked("tv", "car")
    assert (made.state, made.declared, made.wanted_range) == ("requested", "^1", "^2")
    assert (made.scm_repo, made.scm_commit) == (SCM["repo"], SCM["commit"])
    told = Notice.objects.filter(kind="asked").order_by("id")
    assert [notice.team and notice.team.name for notice in told] == ["tv", None]
    assert told[0].items[0]["label"] == "tv takes auth ^2"
    assert AuditEntry.objects.filter(action="request upgrade").count() == 2
    assert ownerless.scm_repo == ""


def test_asking_twice_leaves_the_request_that_stands() -> None:
    (first,) = asked("tv")
    again = request_upgrades(
        module("auth"), [module("tv"), module("car")], ASK, actor=operator(), now=NOW + DAY
    )
    assert again.standing == [first]
    assert [request.consumer.name for request in again.created] == ["car"]


def test_publishing_and_then_deploying_closes_it_by_itself() -> None:
    asked("tv")
    new = version("tv", "2.0.0", "auth@^2", owner="tv")
    published = follow(new)
    assert (published.state, published.closed_at) == ("published", None)
    assert str(published.published_version) == "tv 2.0.0"
    later = NOW + 2 * DAY
    started = (NOW + DAY).isoformat()
    done = follow(deployment("tv/prod", "tv", "2.0.0", started_at=started), now=later)
    assert (done.state, done.closed_at, done.close_reason) == ("done", later, "tv 2.0.0 takes it.")
    actions = AuditEntry.objects.filter(action__startswith="upgrade ").order_by("id")
    assert [entry.action for entry in actions] == ["upgrade published", "upgrade done"]
    assert follow_upgrades(later) == 0
    said = Event.objects.filter(kind__startswith="upgrade.").order_by("id")
    assert [(one.kind, one.data["version"]) for one in said] == [
        ("upgrade.requested", None),
        ("upgrade.done", "2.0.0"),
    ]
    assert said[0].data["scm_repo"] == SCM["repo"]


def test_ending_what_runs_the_old_one_closes_it_too() -> None:
    asked("tv")
    follow(version("tv", "2.0.0", "auth@^2", owner="tv"))
    assert follow(ended("tv/prod", 0)).state == "done"


def test_requiring_the_dependency_no_longer_closes_it() -> None:
    asked("tv")
    follow(version("tv", "2.0.0", owner="tv"), ended("tv/prod", 0))
    assert UpgradeRequest.objects.get().state == "done"


def test_what_was_observed_at_run_time_outranks_what_the_range_resolves_to() -> None:
    asked("tv")
    wide = version("tv", "2.0.0", "auth@>=1", owner="tv")
    started = (NOW + timedelta(hours=1)).isoformat()
    runs = deployment("tv/prod", "tv", "2.0.0", started_at=started, resolved={"auth": "1.0.0"})
    assert follow(wide, runs).state == "published"


def test_what_does_not_move_stays_open_however_often_it_is_looked_at() -> None:
    asked("tv")
    assert follow(version("tv", "1.1.0", "auth@^1", owner="tv")).state == "requested"
    assert follow().state == "requested"


def test_the_consumer_acknowledges_and_says_where() -> None:
    (made,) = asked("tv")
    with pytest.raises(PermissionDenied):
        acknowledge_upgrade(made.pk, reference="", actor=member("iris", "identity"), now=NOW)
    tv = member("tina", "tv")
    done = acknowledge_upgrade(made.pk, reference="pulls/7", actor=tv, now=NOW)
    assert (done.state, done.acknowledged_by, done.reference) == ("acknowledged", "tina", "pulls/7")
    renewed = acknowledge_upgrade(made.pk, reference="pulls/8", actor=tv, now=NOW)
    assert (renewed.state, renewed.reference) == ("acknowledged", "pulls/8")


def test_only_who_asked_takes_it_back_and_then_it_can_be_asked_again() -> None:
    (made,) = asked("tv")
    with pytest.raises(PermissionDenied):
        cancel_upgrade(made.pk, reason="", actor=member("tina", "tv"), now=NOW)
    iris = member("iris", "identity")
    done = cancel_upgrade(made.pk, reason="kept after all", actor=iris, now=NOW)
    assert (done.state, done.closed_by, done.close_reason) == (
        "cancelled", "iris", "kept after all",
    )  # fmt: skip
    with pytest.raises(CannotAsk):
        acknowledge_upgrade(made.pk, reference="", actor=member("tina", "tv"), now=NOW)
    with pytest.raises(CannotAsk):
        cancel_upgrade(made.pk, reason="", actor=iris, now=NOW)
    assert len(asked("tv")) == 1


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (Ask("^9", "why"), "No version of auth satisfies ^9."),
        (Ask("not a range ((", "why"), "range"),
        (Ask("^2", "why", NOW - DAY), "The deadline is past."),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nobody_is_asked(ask: Ask, words: str) -> None:
    with pytest.raises(CannotAsk, match=words.replace("^", r"\^").replace("(", r"\(")):
        request_upgrades(module("auth"), [module("tv")], ask, actor=operator(), now=NOW)
    assert not UpgradeRequest.objects.exists()


def test_who_does_not_require_it_is_named_and_nobody_is_asked() -> None:
    with pytest.raises(CannotAsk, match="other"):
        asked("tv", "other")
    with pytest.raises(CannotAsk, match="Nobody is named"):
        asked()
    assert not UpgradeRequest.objects.exists()


def test_only_the_provider_s_side_may_ask() -> None:
    for actor in (
        member("tina", "tv"),
        member("oskar"),
        member("ro", "identity", scopes=("read",)),
    ):
        with pytest.raises(PermissionDenied):
            request_upgrades(module("auth"), [module("tv")], ASK, actor=actor, now=NOW)
    iris = member("iris", "identity")
    assert request_upgrades(module("auth"), [module("tv")], ASK, actor=iris, now=NOW).created


def test_an_unknown_request_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownThing):
        acknowledge_upgrade(99, reference="", actor=operator(), now=NOW)
