"""The page of exemptions: asked for, answered and ended by form; shown wherever they bite."""

import pytest
from django.test import Client

from lifecycle.models import Exemption
from lifecycle.services.sweep import sweep
from tests.factories.lifecycle import NOW, flagged_platform
from tests.factories.people import person, signed_in
from tests.pages import Page, open_page
from tests.queries import asked

pytestmark = pytest.mark.django_db
PAGE = "/exemptions/"
AUTH = "/modules/platform/auth/"


@pytest.fixture
def ida(db: None) -> Client:
    flagged_platform()
    return signed_in(person("ida", "identity"))


@pytest.fixture
def olga(ida: Client) -> Client:
    return signed_in(person("olga", is_staff=True))


def send(client: Client, path: str, **fields: str) -> Page:
    return Page(client.post(path, fields, follow=True))


def ask(client: Client, **fields: str) -> Page:
    body = {"module": "auth", "line": "1.x", "until": "2027-06-01", "reason": "audit reads it"}
    return send(client, f"{PAGE}ask/", **(body | fields))


def test_the_journey_of_an_exemption(ida: Client, olga: Client) -> None:
    link = open_page(ida, "/findings/").links["Keep auth 1.x"]
    form = open_page(ida, link).form("Ask")
    assert dict(form.fields)["module"] == "auth"
    assert dict(form.fields)["line"] == "1.x"
    page = ask(ida)
    assert "It keeps nothing until somebody approves it." in page.words
    row = Exemption.objects.get()
    assert not any("Approve auth 1.x" in form.buttons for form in open_page(ida, PAGE).forms)
    page = send(olga, f"{PAGE}{row.pk}/", answer="approve", reason="fine")
    assert "Approved." in page.words
    for path in (AUTH, f"{AUTH}?tab=removal&range=1.x", "/findings/"):
        assert "Exempt" in open_page(ida, path).words
        assert "audit reads it" in open_page(ida, path).words
    page = send(ida, f"{PAGE}{row.pk}/", answer="end", reason="done")
    assert "Ended." in page.words
    assert "audit reads it" not in open_page(ida, AUTH).words


def test_a_deployment_that_is_kept_says_so_where_it_is_listed(ida: Client, olga: Client) -> None:
    ask(olga, module="", line="", deployment="tv-home/preview")
    row = Exemption.objects.get()
    assert "Exempt until" not in open_page(ida, "/deployments/").words
    send(olga, f"{PAGE}{row.pk}/", answer="approve")
    assert "Exempt until 1 Jun 2027" in open_page(ida, "/deployments/").words
    sweep(NOW)
    assert "Exempt until 1 Jun 2027: audit reads it" in open_page(ida, "/findings/").words
    assert open_page(ida, f"{PAGE}?standing=biting").rows
    assert "Nothing is exempt." in open_page(ida, f"{PAGE}?standing=requested").words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"until": "soon"}, "Say until which day"),
        ({"until": "2020-01-01"}, "it has to end in the future"),
        ({"reason": " "}, "say why"),
        ({"module": "nothing"}, "nothing"),
        ({"module": ""}, "name either a module or a deployment"),
        ({"line": "9.x"}, "There is no such line."),
        ({"rule": "nonsense"}, "there is no rule nonsense"),
    ],
)
def test_a_request_that_makes_no_sense_says_why(
    ida: Client, fields: dict[str, str], words: str
) -> None:
    assert words in ask(ida, **fields).words
    assert not Exemption.objects.exists()


def test_what_is_not_ones_own_is_refused_and_a_get_changes_nothing(ida: Client) -> None:
    outsider = signed_in(person("tom", "tv"))
    assert "may not ask for this exemption" in ask(outsider).words
    ask(ida)
    row = Exemption.objects.get()
    for answer in ("approve", "decline", "end"):
        assert "may not" in send(outsider, f"{PAGE}{row.pk}/", answer=answer).words
    assert "Nothing was decided" in send(ida, f"{PAGE}{row.pk}/", answer="").words
    for path in (f"{PAGE}ask/", f"{PAGE}{row.pk}/"):
        assert ida.get(path).status_code == 405
    assert ida.post(f"{PAGE}987654/", {"answer": "end"}).status_code == 404
    row.refresh_from_db()
    assert row.state == "requested"


def test_stranger_is_sent_to_sign_in(db: None) -> None:
    for path in (PAGE, f"{PAGE}ask/", f"{PAGE}1/"):
        assert Client().post(path).status_code in (302, 403)


def test_page_asks_as_often_however_many_there_are(ida: Client, olga: Client) -> None:
    ask(olga, module="", line="", deployment="tv-home/preview")
    ask(olga)
    before = asked(lambda: olga.get(PAGE))
    for number in range(5):
        ask(olga, reason=f"again {number}")
        ask(olga, module="", line="", deployment="tv-home/prod")
    assert asked(lambda: olga.get(PAGE)) == before
