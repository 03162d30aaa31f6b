"""Pages of preferences, watches, webhooks and deliveries: everybody's own, tried by others."""

from collections.abc import Iterator

import pytest
from django.conf import Settings
from django.contrib.auth.models import User
from django.test import Client

from lifecycle.models import Delivery, Notice, Preference, Subscription, Webhook
from lineage.models import Team
from tests.factories.lifecycle import NOW, PLATFORM, take_in
from tests.factories.messages import notice, reader, send_all, spread
from tests.factories.people import person, signed_in
from tests.pages import open_page
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
CHOICE = {
    "channel": "email", "is_enabled": "on", "target": "", "mode": "digest", "hour": "7",
    "weekday": "2", "time_zone": "Europe/Berlin", "quiet_from": "22:00", "quiet_until": "07:00",
    "minimum_urgency": "1",
}  # fmt: skip


@pytest.fixture
def ana() -> User:
    return reader("ana", "identity")


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with listening() as receiver:
        yield receiver


def test_person_chooses_and_sees_what_was_chosen(ana: User) -> None:
    browser = signed_in(ana)
    assert browser.post("/notices/preferences/", CHOICE).status_code == 302
    row = Preference.objects.get()
    assert (row.user, row.weekday, row.time_zone) == (ana, 2, "Europe/Berlin")
    page = browser.get("/notices/preferences/").content.decode()
    assert '<option value="2" selected>Wednesday</option>' in page
    assert 'value="22:00"' in page
    assert "<option selected>Europe/Berlin</option>" in page
    off = {name: value for name, value in CHOICE.items() if name != "is_enabled"}
    browser.post("/notices/preferences/", off)
    assert not Preference.objects.get().is_enabled


@pytest.mark.parametrize(
    ("change", "words"),
    [({"hour": "25"}, "hour"), ({"time_zone": "Mars"}, "time zone"), ({"target": "x"}, "cannot"),
     ({"quiet_until": ""}, "beginning and an end"), ({"channel": "pigeon"}, "no channel")],
)  # fmt: skip
def test_choice_that_cannot_be_kept_says_why(ana: User, change: dict[str, str], words: str) -> None:
    page = signed_in(ana).post("/notices/preferences/", CHOICE | change, follow=True)
    assert words in page.content.decode()
    assert not Preference.objects.exists()


def test_teams_choice_is_its_members_and_the_operators(ana: User) -> None:
    address = "/notices/preferences/?team=identity"
    mallory = signed_in(person("mallory", "elsewhere"))
    assert mallory.get(address).status_code == 404
    assert mallory.post(address, CHOICE).status_code == 404
    assert Client().post(address, CHOICE).status_code == 302
    assert not Preference.objects.exists()
    for client in (signed_in(ana), signed_in(person("olga", is_staff=True))):
        assert client.post(address, CHOICE).status_code == 302
    assert Preference.objects.get().team == Team.objects.get(name="identity")


def test_person_watches_and_ends_their_own(ana: User) -> None:
    take_in(*PLATFORM)
    browser = signed_in(ana)
    browser.post("/notices/watch/", {"module": "auth", "kind": "version.yanked"})
    browser.post("/notices/watch/", {"module": "tv-home", "is_muted": "on"})
    words = open_page(browser, "/notices/preferences/").words
    assert "version.yanked" in words
    assert "Muted" in words
    row = Subscription.objects.earliest("id")
    assert signed_in(person("eve")).post(f"/notices/watch/{row.pk}/end/").status_code == 404
    assert browser.post(f"/notices/watch/{row.pk}/end/").status_code == 302
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize("said", [{}, {"module": "none"}, {"team": "none"}, {"kind": "none"}])
def test_watching_nothing_or_the_unknown_is_answered(ana: User, said: dict[str, str]) -> None:
    page = signed_in(ana).post("/notices/watch/", said, follow=True).content.decode()
    assert "There is no" in page or "Name a module" in page or "No module" in page
    assert not Subscription.objects.exists()


def test_inbox_says_that_something_arrived(ana: User) -> None:
    browser = signed_in(ana)
    first = notice("identity", "one", "a")
    spread()
    assert f"after={first.pk}" in browser.get("/notices/").content.decode()
    address = f"/notices/arrivals/?after={first.pk}"
    assert browser.get(address).content.strip() == b""
    notice("identity", "two", "b")
    notice("elsewhere", "three", "c")
    spread()
    assert "1 new notice: show" in browser.get(address).content.decode()


def test_watcher_reads_what_is_theirs_and_marks_it_read(ana: User) -> None:
    wim, eve = reader("wim"), reader("eve", is_staff=True)
    row = notice(None, "watched thing", "a", kind="watched", user=wim)
    spread()
    assert "watched thing" in open_page(signed_in(wim), "/notices/").words
    for other in (ana, eve):
        assert "watched thing" not in open_page(signed_in(other), "/notices/").words
        signed_in(other).post("/notices/read/", {"notice": row.pk})
    assert Notice.objects.get().read_at is None
    signed_in(wim).post("/notices/read/", {"notice": row.pk})
    assert Notice.objects.get().read_at is not None


def made(browser: Client, receiver: Receiver) -> str:
    said = {"name": "bot", "url": receiver.url, "team": "identity", "is_enabled": "on"}
    page = browser.post("/webhooks/", said)
    assert page.status_code == 200
    return page.content.decode()


def secret() -> str:
    return Webhook.objects.get().secret


def test_webhook_is_made_tested_rotated_changed_and_removed(ana: User, receiver: Receiver) -> None:
    browser = signed_in(ana)
    page = made(browser, receiver)
    assert secret() in page
    address = f"/webhooks/{Webhook.objects.get().pk}/"
    assert secret() not in browser.get(address).content.decode()
    page = browser.post(f"{address}test/", follow=True).content.decode()
    assert "Delivered" in page
    assert "sundial.webhook.ping" in page
    assert len(receiver.calls) == 1
    rotated = browser.post(f"{address}rotate/").content.decode()
    assert secret() in rotated
    said = {"name": "robot", "url": receiver.url, "events": ["version.yanked"]}
    browser.post(address, said)
    row = Webhook.objects.get()
    assert (row.name, row.events, row.is_enabled) == ("robot", ["version.yanked"], False)
    assert "ana disabled it." in open_page(browser, address).words
    assert "Delivered" in open_page(browser, f"{address}?state=delivered").words
    browser.post(f"{address}remove/")
    assert not Webhook.objects.exists()


def test_webhook_of_others_is_not_there(ana: User, receiver: Receiver) -> None:
    made(signed_in(ana), receiver)
    pk = Webhook.objects.get().pk
    addresses = [f"/webhooks/{pk}/{part}" for part in ("", "test/", "rotate/", "remove/")]
    mallory = signed_in(person("mallory", "elsewhere"))
    for address in addresses:
        assert mallory.post(address).status_code == 404
        assert Client().post(address).status_code == 302
    assert mallory.get(addresses[0]).status_code == 404
    assert "bot" not in open_page(mallory, "/webhooks/").words
    assert Webhook.objects.get().previous_secret == ""
    for other in (person("ben", "identity"), person("olga", is_staff=True)):
        assert "bot" in open_page(signed_in(other), "/webhooks/").words
        assert open_page(signed_in(other), addresses[0]).words


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://localhost/", "nonsense"])
def test_private_addresses_are_refused_with_the_reason(ana: User, url: str) -> None:
    said = {"name": "bot", "url": url, "team": "identity", "is_enabled": "on"}
    page = signed_in(ana).post("/webhooks/", said).content.decode()
    assert "is not called" in page
    assert not Webhook.objects.exists()


def test_parked_delivery_is_shown_with_its_tries_and_sent_again(
    ana: User, receiver: Receiver
) -> None:
    browser = signed_in(ana)
    made(browser, receiver)
    receiver.manner = always(400, "what is this?")
    browser.post(f"/webhooks/{Webhook.objects.get().pk}/test/")
    row = Delivery.objects.get()
    words = open_page(browser, f"/deliveries/{row.pk}/").words
    for said in ("Parked", "It answered 400.", "what is this?", row.message_id):
        assert said in words
    assert signed_in(person("eve")).post(f"/deliveries/{row.pk}/resend/").status_code == 404
    receiver.manner = always(200)
    browser.post(f"/deliveries/{row.pk}/resend/")
    row.refresh_from_db()
    assert row.state == "delivered"
    assert open_page(browser, f"/deliveries/{row.pk}/").words


def test_what_was_sent_to_a_person_is_listed_for_them(ana: User, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    notice("identity", "a word", "a")
    spread()
    send_all(NOW.replace(day=2))
    assert "a word" in open_page(signed_in(ana), "/notices/preferences/").words
    pk = Delivery.objects.get().pk
    assert "ana@example.com" in open_page(signed_in(ana), f"/deliveries/{pk}/").words
    assert signed_in(person("eve")).get(f"/deliveries/{pk}/").status_code == 404
