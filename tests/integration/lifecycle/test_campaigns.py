"""Campaigns: from the first notice to the sunset, day by day; and every way it can go otherwise."""

import pytest

from lifecycle.exceptions import CannotCampaign, PermissionDenied, UnknownThing
from lifecycle.models import (
    AuditEntry,
    Campaign,
    CampaignReading,
    Exemption,
    Notice,
    Policy,
    Sunset,
)
from lifecycle.permissions import Actor
from lifecycle.selectors.drains import drain_of
from lifecycle.services.campaigns import cancel_campaign, remind_owners
from lifecycle.services.notices import deliver_due
from lifecycle.services.stops import end_stop, start_stop
from lifecycle.services.sunsets import cancel_sunset, drive_sunsets, restore_sunset
from lineage.ingest.bulk import graph_lock
from lineage.models import Module, Version
from lineage.services.retirement import sunset_versions as sunset_by_hand
from tests.factories.campaigns import drive, moves, platform_to_drain, start
from tests.factories.lifecycle import (
    DAY,
    NOW,
    deployment,
    ended,
    member,
    operator,
    sunset_versions,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
ADMIN = Actor("olga", is_operator=True, scopes=frozenset({"read", "lifecycle", "admin"}))


@pytest.fixture(autouse=True)
def _platform(db: None) -> None:
    platform_to_drain()


def readings() -> list[tuple[int, int]]:
    rows = CampaignReading.objects.order_by("at")
    return list(rows.values_list("consumers", "deployments"))


def told(kind: str = "campaign") -> list[tuple[str, list[str]]]:
    """(team, what was listed) of every notice of a kind, oldest first, then by team."""
    rows = Notice.objects.filter(kind=kind).select_related("team")
    found = [
        (row.created_at, row.team.name if row.team else "", sorted(i["label"] for i in row.items))
        for row in rows
    ]
    return [(team, listed) for _, team, listed in sorted(found)]


def everybody_moves(now_days: float = 1) -> None:
    now = NOW + now_days * DAY
    moves("tv-home", "tv-home/prod", "tv-home/test", now=now, owner="tv")
    moves("radio", "radio/prod", now=now, owner="radio")
    moves("old-job", "old-job/prod", now=now)


def test_a_drain_ends_in_the_sunset_when_the_last_blocker_goes() -> None:
    campaign = start(days=30)
    assert readings() == [(3, 4)]
    assert told() == [
        ("", ["old-job 1.0.0", "old-job/prod"]),
        ("radio", ["radio 1.0.0", "radio/prod"]),
        ("tv", ["tv-home 1.0.0", "tv-home/prod", "tv-home/test"]),
    ]
    for day in range(1, 13):
        now = NOW + day * DAY
        if day == 2:
            moves("tv-home", "tv-home/test", now=now, owner="tv")
        if day == 5:
            moves("tv-home", "tv-home/prod", now=now, owner="tv")
        if day == 8:
            moves("radio", "radio/prod", now=now, owner="radio")
        if day == 10:
            moves("old-job", "old-job/prod", now=now)
        drive(now)
        drive_sunsets(now)
        campaign.refresh_from_db()
        assert (campaign.state == "draining") == (day < 10)
    assert campaign.state == "done"
    assert readings() == [
        (3, 4), (3, 4), (3, 3), (3, 3), (3, 3), (2, 2), (2, 2), (2, 2), (1, 1), (1, 1), (0, 0),
    ]  # fmt: skip
    assert sunset_versions() == ["auth 1.0.0"]
    sunset = Sunset.objects.get()
    assert campaign.sunset == sunset
    assert (sunset.kind, sunset.state, sunset.reason) == (
        "campaign", "done", "2.x has the new tokens",
    )  # fmt: skip
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert [a for a in actions if "campaign" in a] == [
        "start campaign", "remind campaign", "campaign drained", "end campaign",
    ]  # fmt: skip
    assert ("identity", ["auth 1.0.0"]) in told("announced")


def test_nothing_goes_before_the_owner_of_the_module_was_told() -> None:
    start()
    everybody_moves()
    campaign = Campaign.objects.get()
    drive_without_delivery = NOW + 2 * DAY
    drive(drive_without_delivery - DAY / 24)
    campaign.refresh_from_db()
    sunset = campaign.sunset
    assert sunset is not None
    Notice.objects.filter(kind="announced").update(delivered_at=None)
    drive_sunsets(drive_without_delivery)
    sunset.refresh_from_db()
    assert (sunset.state, sunset_versions()) == ("announced", [])
    deliver_due(drive_without_delivery)
    drive_sunsets(NOW + 3 * DAY)
    assert sunset_versions() == ["auth 1.0.0"]


def test_it_is_read_once_a_day_however_often_it_is_driven() -> None:
    start()
    for hours in range(0, 72, 3):
        drive(NOW + hours * DAY / 24)
    assert len(readings()) == 4  # it starts at noon: four calendar days


def test_owners_of_who_is_left_are_reminded_at_their_pace() -> None:
    start(remind_every_days=3)
    moves("radio", "radio/prod", now=NOW + DAY, owner="radio")
    for day in range(1, 8):
        drive(NOW + day * DAY)
        drive(NOW + day * DAY)
    later = told()[3:]
    left = [
        ("", ["old-job 1.0.0", "old-job/prod"]),
        ("tv", ["tv-home 1.0.0", "tv-home/prod", "tv-home/test"]),
    ]
    assert later == [*left, *left]  # on days 3 and 6


def test_past_its_deadline_it_says_so_once_and_goes_on() -> None:
    campaign = start(days=2, remind_every_days=30)
    for day in range(1, 5):
        drive(NOW + day * DAY)
    overdue = Notice.objects.filter(title__startswith="The deadline of auth 1.x has passed")
    assert [notice.team.name if notice.team else "" for notice in overdue] == ["identity"]
    assert "3 consumers and 4 live deployments are left" in overdue[0].body
    assert Notice.objects.filter(title__contains="was to be left by 3 Sep 2024").count() == 3
    campaign.refresh_from_db()
    assert campaign.state == "draining"
    everybody_moves(5)
    drive(NOW + 5 * DAY)
    campaign.refresh_from_db()
    assert campaign.state == "sunsetting"


def test_cancelled_it_ends_and_nothing_is_sunset() -> None:
    campaign = start()
    done = cancel_campaign(campaign.pk, actor=member("ina", "identity"), reason="later", now=NOW)
    assert (done.state, done.ended_by, done.ended_at) == ("cancelled", "ina", NOW)
    again = start()  # another one may begin
    cancel_campaign(again.pk, actor=operator(), reason="", now=NOW)
    everybody_moves()
    assert drive(NOW + 2 * DAY).announced == 0
    assert not Sunset.objects.exists()
    with pytest.raises(CannotCampaign, match="it is cancelled"):
        cancel_campaign(campaign.pk, actor=operator(), reason="", now=NOW)


def test_a_user_who_comes_back_before_the_sunset_stops_it() -> None:
    campaign = start()
    everybody_moves()
    drive_at = NOW + 2 * DAY
    campaign_round = drive(drive_at)
    assert campaign_round.announced == 1
    take_in(deployment("tv-home/old", "tv-home", "1.0.0", started_at=drive_at.isoformat()))
    for day in (3, 4, 5):
        drive_sunsets(NOW + day * DAY)
        drive(NOW + day * DAY)
    sunset = Sunset.objects.get()
    assert sunset.state == "blocked"
    assert "tv-home/old" in str(sunset.blockers)
    assert sunset_versions() == []
    take_in(ended("tv-home/old", -6))
    for day in (7, 8):
        drive_sunsets(NOW + day * DAY)
        drive(NOW + day * DAY)
    campaign.refresh_from_db()
    assert (sunset_versions(), campaign.state) == (["auth 1.0.0"], "done")


def test_cancelling_its_sunset_ends_the_campaign_and_restoring_leaves_it_done() -> None:
    campaign = start()
    everybody_moves()
    drive(NOW + 2 * DAY)
    with pytest.raises(CannotCampaign, match="cancel that"):
        cancel_campaign(campaign.pk, actor=operator(), reason="", now=NOW + 2 * DAY)
    sunset = Sunset.objects.get()
    if sunset.state != "done":
        cancel_sunset(sunset.pk, actor=operator(), reason="not yet", now=NOW + 2 * DAY)
    drive(NOW + 3 * DAY)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.ended_by) == ("cancelled", "olga")


def test_a_sunset_that_is_restored_leaves_the_campaign_done() -> None:
    campaign = start()
    everybody_moves()
    for day in (2, 3):
        drive(NOW + day * DAY)
        drive_sunsets(NOW + day * DAY)
    sunset = Sunset.objects.get()
    restore_sunset(sunset.pk, actor=operator(), reason="a client", now=NOW + 4 * DAY)
    drive(NOW + 4 * DAY)
    campaign.refresh_from_db()
    assert campaign.state == "done"


def test_a_worker_that_died_after_the_announcement_is_followed_up() -> None:
    campaign = start()
    everybody_moves()
    drive(NOW + 2 * DAY)
    Campaign.objects.update(state="draining", sunset=None)  # as it stood when it died
    drive(NOW + 2 * DAY + DAY / 24)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.sunset) == ("sunsetting", Sunset.objects.get())


def test_a_line_that_others_sunset_ends_the_campaign() -> None:
    campaign = start()
    with graph_lock():
        sunset_by_hand([Version.objects.get(module__name="auth", version="1.0.0").pk], at=NOW)
    drive(NOW + DAY)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.sunset) == ("done", None)


def test_the_emergency_stop_keeps_it_from_announcing() -> None:
    campaign = start()
    everybody_moves()
    start_stop(actor=ADMIN, reason="look first", now=NOW + DAY)
    assert drive(NOW + 2 * DAY).announced == 0
    assert readings()[-1] == (0, 0)
    end_stop(actor=ADMIN, reason="looked", now=NOW + 3 * DAY)
    drive(NOW + 3 * DAY)
    campaign.refresh_from_db()
    assert campaign.state == "sunsetting"


def test_an_exemption_or_a_policy_that_keeps_it_holds_the_end_back() -> None:
    start()
    everybody_moves()
    exemption = Exemption.objects.create(
        module=Module.objects.get(name="auth"), line="1.x", reason="audit", state="approved",
        requested_by="ida", requested_at=NOW, expires_at=NOW + 4 * DAY,
    )  # fmt: skip
    assert drive(NOW + 2 * DAY).announced == 0
    policy = Policy.objects.create(
        name="Keep auth", rule="unused-range", effect="keep", module_pattern="auth",
        created_by="olga", created_at=NOW, updated_by="olga", updated_at=NOW,
    )  # fmt: skip
    assert drive(exemption.expires_at + DAY).announced == 0
    policy.delete()
    assert drive(exemption.expires_at + 2 * DAY).announced == 1


def test_its_sunset_goes_under_the_terms_of_the_policy_that_governs_the_line() -> None:
    Policy.objects.create(
        name="Slowly", rule="unused-range", module_pattern="auth", grace_days=5,
        created_by="olga", created_at=NOW, updated_by="olga", updated_at=NOW,
    )  # fmt: skip
    start()
    everybody_moves()
    for day in range(2, 7):
        drive(NOW + day * DAY)
        drive_sunsets(NOW + day * DAY)
    assert (Sunset.objects.get().state, sunset_versions()) == ("grace", [])
    for day in (8, 9):
        drive_sunsets(NOW + day * DAY)
    assert sunset_versions() == ["auth 1.0.0"]


def test_an_exemption_after_the_announcement_still_holds_it_back() -> None:
    start()
    everybody_moves()
    drive(NOW + 2 * DAY)
    Exemption.objects.create(
        module=Module.objects.get(name="auth"), line="1.x", reason="audit", state="approved",
        requested_by="ida", requested_at=NOW, expires_at=NOW + 40 * DAY,
    )  # fmt: skip
    for day in (3, 4):
        drive_sunsets(NOW + day * DAY)
    assert sunset_versions() == []


@pytest.mark.parametrize(
    ("line", "days", "reason", "why"),
    [
        ("1.x", -1, "why", "its deadline is past"),
        ("1.x", 30, " ", "say why"),
        ("2.x", 30, "why", "it holds the newest version"),
        ("9.x", 30, "why", "is no line of it"),
        (">=1 <2", 30, "why", "is no line of it"),
    ],
)
def test_what_can_not_be_drained_is_refused(line: str, days: float, reason: str, why: str) -> None:
    with pytest.raises(CannotCampaign, match=why):
        start(line=line, days=days, reason=reason)
    assert not Campaign.objects.exists()


def test_a_line_nobody_uses_needs_no_campaign_and_one_campaign_is_enough() -> None:
    start()
    with pytest.raises(CannotCampaign, match="is on already"):
        start()
    Campaign.objects.all().update(state="cancelled")
    for key in ("tv-home/prod", "tv-home/test", "radio/prod", "old-job/prod"):
        take_in(ended(key, 0.5))
    everybody_moves(0)
    with pytest.raises(CannotCampaign, match="nobody uses it"):
        start(now=NOW + DAY)


@pytest.mark.parametrize(
    "actor",
    [
        Actor("zoe"),
        Actor(""),
        Actor("olga", is_operator=True, scopes=frozenset({"read"})),
        "tv",
    ],
    ids=["outsider", "anonymous", "a token that only reads", "a consumer"],
)
def test_who_does_not_own_it_can_not_start_remind_or_cancel(actor: Actor | str) -> None:
    who = member("tom", actor) if isinstance(actor, str) else actor
    with pytest.raises(PermissionDenied):
        start(actor=who)
    campaign = start()
    for act in (
        lambda: remind_owners(campaign.pk, actor=who, now=NOW + DAY),
        lambda: cancel_campaign(campaign.pk, actor=who, reason="", now=NOW + DAY),
    ):
        with pytest.raises(PermissionDenied):
            act()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.reminded_at) == ("draining", NOW)


def test_a_colleague_of_the_owner_and_operators_may() -> None:
    campaign = start()
    assert remind_owners(campaign.pk, actor=member("ina", "identity"), now=NOW + DAY) == 3
    with pytest.raises(CannotCampaign, match="less than an hour ago"):
        remind_owners(campaign.pk, actor=operator(), now=NOW + DAY)
    assert remind_owners(campaign.pk, actor=operator(), now=NOW + 2 * DAY) == 3
    with pytest.raises(UnknownThing):
        remind_owners(999, actor=operator(), now=NOW)


def test_one_campaign_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    campaign = start()
    take_in(
        version("other", "1.0.0"), version("other", "2.0.0"),
        deployment("other/prod", "other", "1.0.0"),
    )  # fmt: skip
    Campaign.objects.create(
        module=Module.objects.get(name="other"), line="1.x", reason="why", deadline=NOW,
        started_by="x", started_at=NOW, remind_every_days=10**9,  # no calendar holds it
    )  # fmt: skip
    everybody_moves()
    assert drive(NOW + 2 * DAY).announced == 1
    assert "did not move" in caplog.text
    campaign.refresh_from_db()
    assert campaign.state == "sunsetting"


def test_who_is_left_is_counted_as_the_removal_says() -> None:
    drain = drain_of(Module.objects.get(name="auth"), "1.x", now=NOW)
    assert (drain.state, drain.consumers, drain.deployments) == ("in_use", 3, 4)
    assert dict(drain.named.owners) == {"tv": 3, "radio": 2, "": 2}
    assert {blocker.name for blocker in drain.named.rows} == {
        "tv-home/prod", "tv-home/test", "radio/prod", "old-job/prod",
        "tv-home 1.0.0", "radio 1.0.0", "old-job 1.0.0",
    }  # fmt: skip
