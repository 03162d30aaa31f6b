"""Mail, handed to a real server and parsed: text and HTML, unsubscribed by one POST."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import Settings
from django.test import Client

from lifecycle.models import Delivery, Preference
from lifecycle.services import compose
from lifecycle.services.subscriptions import subscribe
from lifecycle.services.unsubscribing import unsubscribe_token
from lineage.models import Module, Team
from tests.factories.lifecycle import DAY, NOW
from tests.factories.messages import notice, reader, send_all, spread, states, wants
from tests.factories.people import signed_in
from tests.mailboxes import Mailbox, mail_server, text_of

pytestmark = pytest.mark.django_db
NINE = NOW.replace(hour=9) + DAY


@pytest.fixture
def box(settings: Settings) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = box.host, box.port
        settings.DEFAULT_FROM_EMAIL = "Sundial <sundial@example.com>"
        settings.SITE_URL = "https://sundial.example.com"
        yield box


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_digest_comes_as_text_and_html_that_say_the_same(box: Mailbox) -> None:
    reader("ana", "tv")
    notice("tv", "auth 1.x is deprecated", "tv-home <1.0>", "tv-late & co")
    notice("tv", "json 2.0.0 was yanked", "tv-home 1.0", kind="yanked")
    spread()
    send_all(NINE)
    (mail,) = box.mails
    assert (mail["From"], mail["To"]) == ("Sundial <sundial@example.com>", "ana@example.com")
    assert mail["Subject"] == "Sundial: 3 things in 2 notices"
    assert mail.get_content_type() == "multipart/alternative"
    text = text_of(mail, "plain")
    assert text.index("json 2.0.0 was yanked") < text.index("auth 1.x is deprecated")
    for line in (
        "- tv-home <1.0>: so it is",
        "- tv-late & co: so it is",
        "- tv-home 1.0: so it is",
    ):
        assert line in text
    assert max(len(line) for line in text.splitlines()) < 400
    html = Tags(text_of(mail, "html"))
    for words in ("tv-home <1.0>", "tv-late & co", "json 2.0.0 was yanked"):
        assert words in html.words
    assert not {"img", "script", "link", "style", "iframe", "form"} & set(html.seen)


def test_one_click_unsubscribes_by_post_alone_and_without_signing_in(
    box: Mailbox, client: Client
) -> None:
    ana = reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    send_all(NINE)
    (mail,) = box.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = re.fullmatch(
        r"<https://sundial\.example\.com(/unsubscribe/.+/)>", mail["List-Unsubscribe"].strip()
    )
    assert url is not None, mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe"].strip(" <>") in text_of(mail, "plain")
    client = Client(enforce_csrf_checks=True)
    assert client.get(url[1]).status_code == 200
    assert not Preference.objects.exists()
    answer = client.post(url[1], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Preference.objects.get(user=ana, channel="email").is_enabled
    notice("tv", "two", "b")
    spread(NINE)
    send_all(NINE + 2 * DAY)
    assert len(box.mails) == 1


@pytest.mark.parametrize("token", ["x", "user:1:email", ""])
def test_token_of_nobody_stops_nothing(client: Client, token: str) -> None:
    reader("ana", "tv")
    assert client.post(f"/unsubscribe/{token}/").status_code == 404
    forged = unsubscribe_token("user:1", "email")[:-1] + "_"
    assert client.post(f"/unsubscribe/{forged}/").status_code == 404
    assert not Preference.objects.exists()


def test_unsubscribing_keeps_what_else_was_chosen_and_may_be_done_twice(client: Client) -> None:
    ana = reader("ana", "tv")
    wants(ana, hour=7, time_zone="Europe/Berlin")
    address = f"/unsubscribe/{unsubscribe_token(f'user:{ana.pk}', 'email')}/"
    for _ in range(2):
        assert signed_in(ana).post(address).status_code == 200
    row = Preference.objects.get()
    assert (row.is_enabled, row.hour, row.time_zone) == (False, 7, "Europe/Berlin")


def test_digest_lists_everything_or_says_what_it_does_not(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "LISTED_AT_MOST", 3)
    reader("ana", "tv")
    notice("tv", "first", "a", "b")
    notice("tv", "second", "c", "d", "e")
    spread()
    send_all(NINE)
    (mail,) = box.mails
    assert mail["Subject"] == "Sundial: 3 of 5 things, the rest is linked"
    text = text_of(mail, "plain")
    assert [f"- {name}:" in text for name in "abcde"] == [True, True, True, False, False]
    assert "and 2 more, not listed here: https://sundial.example.com/notices/" in text


def test_muted_things_are_left_out_and_a_digest_of_nothing_else_is_not_sent(box: Mailbox) -> None:
    ana = reader("ana", "tv")
    auth, json = (Module.objects.create(name=name) for name in ("auth", "json"))
    subscribe(ana.pk, module=auth, is_muted=True, now=NOW)
    subscribe(ana.pk, kind="version.published", is_muted=True, now=NOW)
    notice("tv", "two", "of auth", "of json", module_ids=[auth.pk, json.pk])
    notice("tv", "news", "of json too", kind="published", module_ids=[json.pk])
    spread()
    send_all(NINE)
    text = text_of(box.mails[0], "plain")
    assert "of json: so it is" in text
    assert "of auth" not in text
    assert "of json too" not in text
    notice("tv", "three", "of auth", module_ids=[auth.pk])
    spread(NINE)
    send_all(NINE + DAY)
    assert len(box.mails) == 1
    assert Delivery.objects.latest("id").state == "dropped"


def test_who_left_the_team_before_the_digest_went_out_reads_nothing_of_it(box: Mailbox) -> None:
    ana = reader("ana", "tv", "identity")
    notice("tv", "of tv", "secret")
    notice("identity", "of identity", "a")
    spread()
    ana.memberships.filter(team__name="tv").delete()
    send_all(NINE)
    assert "secret" not in text_of(box.mails[0], "plain")


def test_mailbox_that_does_not_exist_is_parked_and_a_full_server_tried_again(box: Mailbox) -> None:
    wants(reader("ana", "tv"), target="nobody@example.com")
    notice("tv", "one", "a")
    spread()
    send_all(NINE)
    row = Delivery.objects.get()
    assert (row.state, row.error) == ("parked", "The mail server answered 550.")
    assert row.tries.get().response == "no such mailbox"
    box.refusal = "451 come back later"
    Preference.objects.all().delete()
    notice("tv", "two", "b")
    spread(NINE)
    send_all(NINE + DAY)
    assert states()["two"] == "waiting"
    box.refusal = ""
    send_all(NINE + 2 * DAY)
    assert states()["two"] == "delivered"


def test_server_that_is_down_is_tried_again_with_the_same_message(
    box: Mailbox, settings: Settings
) -> None:
    reader("ana", "tv")
    notice("tv", "one", "a")
    spread()
    usual, settings.EMAIL_PORT = box.port, 1
    send_all(NINE)
    row = Delivery.objects.get()
    assert (row.state, row.error.partition(":")[0]) == (
        "waiting",
        "The mail server cannot be reached",
    )
    settings.EMAIL_PORT = usual
    send_all(NINE + DAY)
    assert box.mails[0]["Message-ID"] == f"<{row.message_id}@example.com>"
    assert [t.is_success for t in row.tries.order_by("number")] == [False, True]


def test_headers_cannot_be_smuggled_in_by_a_title(box: Mailbox) -> None:
    Team.objects.create(name="tv", email="tv@example.com")
    notice("tv", "one\r\nBcc: eve@example.com", "a")
    spread()
    send_all(NINE)
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "one Bcc: eve@example.com"
    assert box.to == ["tv@example.com"]
