"""Chat services by Apprise: a real listener, the addresses guarded, honest when cut short."""

from collections.abc import Iterator

import pytest
from django.conf import Settings

from lifecycle.channels import CHANNELS, InvalidTarget
from lifecycle.channels.apprise import LISTED, text_of
from lifecycle.models import Delivery
from lineage.models import Team
from tests.factories.lifecycle import NOW
from tests.factories.messages import notice, send_all, spread, wants
from tests.receivers import Receiver, always, listening

pytestmark = pytest.mark.django_db
CHAT = CHANNELS["apprise"]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    settings.APPRISE_SERVICES = ["slack", "ntfy", "mmost"]
    with listening() as receiver:
        yield receiver


def team_with_chat(receiver: Receiver) -> Team:
    tv = Team.objects.create(name="tv")
    wants(tv, "apprise", target=target_of(receiver), mode="immediate")
    return tv


def target_of(receiver: Receiver) -> str:
    return receiver.url.replace("http://", "mmost://").replace("/hook", "/" + "a" * 26)


def test_team_hears_in_its_chat(receiver: Receiver) -> None:
    team_with_chat(receiver)
    notice("tv", "auth 1.x is deprecated", "tv-home 1.0")
    spread()
    send_all(NOW)
    (call,) = receiver.calls
    assert b"auth 1.x is deprecated" in call.body
    assert b"tv-home 1.0: so it is" in call.body
    assert Delivery.objects.get().state == "delivered"


def test_service_that_refuses_is_tried_again_and_the_log_says_what_it_said(
    receiver: Receiver,
) -> None:
    receiver.manner = always(500)
    team_with_chat(receiver)
    notice("tv", "one", "a")
    spread()
    send_all(NOW)
    row = Delivery.objects.get()
    assert (row.state, row.error) == ("waiting", "The service did not take it.")
    assert "500" in row.tries.get().response


def test_private_address_is_not_connected_to_unless_allowed(
    receiver: Receiver, settings: Settings
) -> None:
    team_with_chat(receiver)
    settings.WEBHOOK_ALLOW_PRIVATE = []
    notice("tv", "one", "a")
    spread()
    send_all(NOW)
    assert receiver.calls == []
    assert Delivery.objects.get().state == "waiting"


def test_redirect_to_a_private_address_is_not_connected_to(
    receiver: Receiver, settings: Settings
) -> None:
    with listening() as inside:
        receiver.manner = always(307, Location=inside.url.replace("127.0.0.1", "127.0.0.2"))
        team_with_chat(receiver)
        notice("tv", "one", "a")
        spread()
        send_all(NOW)
        assert inside.calls == []
    assert Delivery.objects.get().state == "waiting"


@pytest.mark.parametrize(
    "target", ["", "json://127.0.0.1", "mailto://a:b@example.com", "slack://", "syslog://", "x\x00"]
)
def test_targets_of_services_that_are_not_allowed_are_refused(
    receiver: Receiver, target: str
) -> None:
    with pytest.raises(InvalidTarget):
        CHAT.checked_target(target)


def test_good_targets_are_kept(receiver: Receiver) -> None:
    target = f"slack://T1JJ3T3L2/A1BRTD4JD/{'T' * 24}/#general"
    assert CHAT.checked_target(target) == target


def test_long_digest_says_what_it_does_not_list() -> None:
    items = [{"label": f"item {n}", "detail": ""} for n in range(LISTED + 10)]
    digest = {"groups": [{"title": "t", "items": items}], "total": 100, "inbox_url": "https://s/n"}
    text = text_of(digest)
    assert text.count("• item") == LISTED
    assert "and 60 more, not listed here" in text
    assert text.endswith("All of it: https://s/n")
