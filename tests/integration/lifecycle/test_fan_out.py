"""Who hears of what, over which channel and when."""

from datetime import timedelta

import pytest
from django.conf import Settings

from lifecycle.models import Delivery, DeliveryItem, Event, Notice
from lifecycle.services.fan_out import fan_out
from lifecycle.services.subscriptions import NothingToWatch, end_subscription, subscribe
from lineage.models import Module, Team
from tests.factories.lifecycle import DAY, NOW, PLATFORM, ago, sweep_and_tell, take_in, version
from tests.factories.messages import hook, notice, reader, send_all, spread, wants

pytestmark = pytest.mark.django_db
NINE = NOW.replace(hour=9) + DAY


@pytest.fixture(autouse=True)
def _mail(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"


def goes_to() -> list[tuple[str, str, str, int]]:
    """(channel, recipient, target, notices) of every delivery."""
    rows = Delivery.objects.exclude(channel="webhook").order_by("channel", "target")
    return [(r.channel, r.recipient.partition(":")[0], r.target, r.items.count()) for r in rows]


def test_members_get_a_daily_digest_by_mail_without_asking() -> None:
    reader("ana", "tv")
    notice("tv", "one", "a")
    notice("tv", "two", "b")
    assert spread() == 1
    assert goes_to() == [("email", "user", "ana@example.com", 2)]
    assert Delivery.objects.get().due_at == NINE


def test_digest_gathers_until_it_is_due_and_the_next_begins_then() -> None:
    reader("ana", "tv")
    for hours in (0, 5, 20, 21):
        notice("tv", f"after {hours}", "a", now=NOW)
        spread(NOW + timedelta(hours=hours))
    assert [(row.due_at, row.items.count()) for row in Delivery.objects.order_by("due_at")] == [
        (NINE, 3),
        (NINE + DAY, 1),
    ]


def test_person_with_many_roles_gets_one_digest() -> None:
    ana = reader("ana", "tv", "identity", is_staff=True)
    subscribe(ana.pk, kind="source.quiet", now=NOW)
    notice("tv", "one", "a")
    notice("identity", "two", "b")
    notice(None, "three", "c")
    Event.objects.create(kind="source.quiet", key="q", title="quiet", at=NOW)
    spread()
    assert goes_to() == [("email", "user", "ana@example.com", 4)]


def test_nothing_is_taken_over_twice() -> None:
    reader("ana", "tv")
    notice("tv", "one", "a")
    assert spread() == 1
    assert spread() == 0
    Notice.objects.update(fanned_out_at=None)
    assert spread(NOW + DAY) == 1
    assert DeliveryItem.objects.count() == 1


def test_digest_that_is_on_its_way_takes_nothing_more() -> None:
    reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    Delivery.objects.update(state=Delivery.State.SENDING)
    notice("tv", "two", "b")
    spread()
    assert [(row.due_at, row.items.count()) for row in Delivery.objects.order_by("due_at")] == [
        (NINE, 1),
        (NINE + DAY, 1),
    ]


def test_at_once_gathers_what_came_at_once_and_waits_for_the_end_of_quiet_hours() -> None:
    ana = reader("ana", "tv")
    wants(ana, mode="immediate", quiet_from="22:00", quiet_until="07:00")
    notice("tv", "one", "a")
    notice("tv", "two", "b")
    spread()
    assert [(row.due_at, row.items.count()) for row in Delivery.objects.all()] == [(NOW, 2)]
    for hour in (22, 23):
        notice("tv", f"at {hour}", "c")
        spread(NOW.replace(hour=hour))
    last = Delivery.objects.latest("id")
    assert (last.due_at, last.items.count()) == (NOW.replace(hour=7) + DAY, 2)


@pytest.mark.parametrize(
    ("minimum", "heard"), [(0, ["published", "deprecated", "yanked"]),
                           (1, ["deprecated", "yanked"]), (2, ["yanked"])],
)  # fmt: skip
def test_minimum_urgency_leaves_the_rest_to_the_inbox(minimum: int, heard: list[str]) -> None:
    wants(reader("ana", "tv"), minimum_urgency=minimum)
    for kind in ("published", "deprecated", "yanked"):
        notice("tv", kind, "a", kind=kind)
    spread()
    items = DeliveryItem.objects.order_by("notice_id")
    assert list(items.values_list("notice__kind", flat=True)) == heard
    assert Notice.objects.filter(delivered_at=NOW).count() == 3


def test_person_who_turned_mail_off_gets_none() -> None:
    wants(reader("ana", "tv"), is_enabled=False)
    notice("tv", "one", "a")
    spread()
    assert goes_to() == []


def test_team_with_an_address_and_no_members_gets_the_digest() -> None:
    Team.objects.create(name="tv", email="tv@example.com")
    notice("tv", "one", "a")
    spread()
    assert goes_to() == [("email", "team", "tv@example.com", 1)]


def test_team_with_members_is_mailed_by_its_address_or_by_its_members_never_both() -> None:
    tv = Team.objects.create(name="tv", email="tv@example.com")
    reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    assert goes_to() == [("email", "user", "ana@example.com", 1)]
    wants(tv)
    notice("tv", "two", "b")
    spread()
    assert goes_to() == [
        ("email", "user", "ana@example.com", 1),
        ("email", "team", "tv@example.com", 1),
    ]


def test_chat_of_a_team_and_mail_of_its_members_are_different_channels() -> None:
    wants(Team.objects.create(name="tv"), "apprise", target="slack://a/b/c")
    reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    assert [row[:2] for row in goes_to()] == [("apprise", "team"), ("email", "user")]


def test_without_a_mail_server_there_is_the_inbox_alone(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    reader("ana", "tv")
    notice("tv", "one", "a")
    assert spread() == 0
    assert Notice.objects.get().delivered_at == NOW


# Watching


def published() -> None:
    take_in(*PLATFORM)
    sweep_and_tell()
    take_in(version("auth", "2.1.0", owner="identity", published_at=ago(1)))
    sweep_and_tell()


def watched(name: str) -> list[str]:
    """What a watcher was told, item by item."""
    lists = Notice.objects.filter(user__username=name).values_list("items", flat=True)
    return [item["label"] for items in lists for item in items]


@pytest.mark.parametrize(
    ("what", "hears"),
    [
        ({"module": "auth"}, True), ({"module": "tv-home"}, False),
        ({"team": "identity"}, True), ({"team": "tv"}, False),
        ({"kind": "version.published"}, True), ({"kind": "version.published.minor"}, True),
        ({"kind": "version.published.major"}, False), ({"kind": "source.quiet"}, False),
        ({"module": "auth", "kind": "version.yanked"}, False),
        ({"module": "auth", "team": "identity", "kind": "version"}, True),
        ({"environment": "prod"}, False),
    ],
)  # fmt: skip
def test_watcher_hears_of_what_matches_all_that_is_named(what: dict[str, str], hears: bool) -> None:
    wim = reader("wim")
    take_in(*PLATFORM)
    subscribe(
        wim.pk,
        module=Module.objects.get(name=what["module"]) if "module" in what else None,
        team=Team.objects.get(name=what["team"]) if "team" in what else None,
        environment=what.get("environment", ""),
        kind=what.get("kind", ""),
        now=NOW,
    )
    published()
    spread()
    assert ("auth 2.1.0 is out" in watched("wim")) is hears


def test_watcher_of_an_environment_hears_of_what_expires_there() -> None:
    wim = reader("wim")
    subscribe(wim.pk, environment="test", now=NOW)
    for name in ("test", "prod"):
        Event.objects.create(
            kind="deployment.expired", key=name, title=f"{name} expired", at=NOW, environment=name
        )
    spread()
    assert watched("wim") == ["test expired"]


def test_who_is_told_as_a_member_is_not_told_again_as_a_watcher() -> None:
    ana, wim = reader("ana", "tv"), reader("wim")
    take_in(*PLATFORM)
    for user in (ana, wim):
        subscribe(user.pk, module=Module.objects.get(name="auth"), now=NOW)
        subscribe(user.pk, kind="version.published", now=NOW)
    published()
    spread()
    assert "auth 2.1.0 is out" not in watched("ana")
    assert watched("wim").count("auth 2.1.0 is out") == 1
    assert Notice.objects.filter(team__name="tv", kind="published").count() == 1


def test_subscription_names_something_that_exists_and_stands_once() -> None:
    wim, eve = reader("wim"), reader("eve")
    for wrong in ({}, {"kind": "version.publ"}, {"kind": "nothing"}):
        with pytest.raises(NothingToWatch):
            subscribe(wim.pk, now=NOW, **wrong)
    first = subscribe(wim.pk, kind="version", now=NOW)
    again = subscribe(wim.pk, kind="version", is_muted=True, now=NOW)
    assert (first.pk, again.is_muted) == (again.pk, True)
    with pytest.raises(Exception, match="no such subscription"):
        end_subscription(eve.pk, first.pk)
    end_subscription(wim.pk, first.pk)


# Webhooks


def test_webhook_gets_each_event_it_listens_to_once() -> None:
    hook("https://a.example", "all")
    hook("https://b.example", "some", events=["version.published"])
    hook("https://c.example", "off", is_enabled=False)
    hook("https://d.example", "executor", purpose="executor")
    for kind in ("version.published.major", "source.quiet"):
        Event.objects.create(kind=kind, key=kind, title=kind, at=NOW)
    assert fan_out(NOW) == 3
    assert fan_out(NOW) == 0
    rows = Delivery.objects.order_by("webhook__name", "title").values_list("webhook__name", "title")
    assert list(rows) == [
        ("all", "source.quiet"),
        ("all", "version.published.major"),
        ("some", "version.published.major"),
    ]


def test_webhook_of_a_team_gets_what_is_its_own_or_was_told_to_it() -> None:
    tv, identity = (Team.objects.create(name=name) for name in ("tv", "identity"))
    hook("https://a.example", "tv", team=tv)
    Event.objects.create(kind="version.yanked", key="1", title="theirs", at=NOW, team=tv)
    Event.objects.create(
        kind="version.yanked", key="2", title="told", at=NOW, team=identity, audience=[tv.pk]
    )
    Event.objects.create(
        kind="version.yanked", key="3", title="others", at=NOW, team=identity, audience=[0]
    )
    spread()
    assert sorted(Delivery.objects.values_list("title", flat=True)) == ["theirs", "told"]


def test_nothing_left_to_say_is_dropped() -> None:
    reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    Team.objects.get(name="tv").memberships.all().delete()
    send_all(NINE)
    assert Delivery.objects.get().state == Delivery.State.DROPPED
