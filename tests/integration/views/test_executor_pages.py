"""The page of executor calls: what waits, what failed, and two buttons for operators."""

from collections.abc import Iterator

import pytest
from django.conf import Settings
from django.test import Client

from lifecycle.models import ExecutorCall
from lifecycle.services.executor_runs import send_due
from tests.factories.executors import LATER, executing, executor_webhook, item_states
from tests.pages import open_page
from tests.queries import asked
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
PAGE = "/executor-calls/"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.EXECUTOR_ATTEMPTS = 1
    with listening(always(503, "busy")) as receiver:
        executor_webhook(receiver.url)
        yield receiver


def decide(client: Client, **said: object) -> list[str]:
    response = client.post(f"{PAGE}decide/", said, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_page_says_what_was_given_up_and_why(operator: Client, receiver: Receiver) -> None:
    assert "Nothing waits for an executor." in open_page(operator, PAGE).words
    executing(3)
    assert "3 calls are under way." in open_page(operator, PAGE).words
    send_due(LATER)
    page = open_page(operator, PAGE)
    assert "3 calls were given up." in page.words
    assert len(page.rows) == 1 + 3
    assert "It answered 503. busy" in page.words
    assert len(open_page(operator, f"{PAGE}?state=given_up&q=tv-001").rows) == 1 + 1
    assert "No call is like that." in open_page(operator, f"{PAGE}?state=sent").words


def test_operator_tries_ticked_calls_again(operator: Client, receiver: Receiver) -> None:
    sunset = executing(3)
    send_due(LATER)
    receiver.manner = always(200)
    first = ExecutorCall.objects.order_by("id")[0]
    assert decide(operator, decision="retry", call=first.pk) == ["1 call sent again."]
    assert item_states(sunset) == {"done": 1, "failed": 2}


def test_operator_tries_all_that_are_listed_again(operator: Client, receiver: Receiver) -> None:
    sunset = executing(3)
    send_due(LATER)
    receiver.manner = always(200)
    said = decide(operator, all="1", state="given_up", q="preview")
    assert said == ["3 calls sent again."]
    assert item_states(sunset) == {"done": 3}


def test_operator_gives_up(operator: Client, receiver: Receiver) -> None:
    sunset = executing(2)
    ids = list(ExecutorCall.objects.values_list("id", flat=True))
    said = decide(operator, decision="give-up", call=ids)
    assert said == ["2 calls given up; what was to go stays live."]
    assert item_states(sunset) == {"failed": 2}
    assert decide(operator, decision="give-up", call=ids) == [
        "None of these calls is in a state for that."
    ]


def test_page_asks_the_same_for_few_calls_and_for_many(
    operator: Client, receiver: Receiver
) -> None:
    executing(60)
    few = asked(lambda: operator.get(f"{PAGE}?size=10"))
    assert asked(lambda: operator.get(f"{PAGE}?size=100")) == few


def test_only_operators_see_the_page_and_decide(
    owner: Client, colleague: Client, outsider: Client, stranger: Client, receiver: Receiver
) -> None:
    executing(1)
    for client in (owner, colleague, outsider):
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}decide/", {"call": 1}).status_code == 403
    for address in (PAGE, f"{PAGE}decide/"):
        assert stranger.post(address)["Location"].startswith("/login/?next=")
