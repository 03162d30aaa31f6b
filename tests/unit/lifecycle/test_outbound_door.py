"""The door out, against a real receiver with bad manners."""

import ssl
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler

import pytest
import trustme

from lifecycle.outbound import (
    Allowed,
    Answer,
    CannotConnect,
    ForbiddenTarget,
    Gone,
    Limits,
    OutboundError,
    Refused,
    TimedOut,
    post,
)
from tests.receivers import Receiver, always, answer, listening

HERE = Allowed.of(["127.0.0.0/8"])
QUICK = Limits(connect=1, total=1, answer_bytes=64)


def send(receiver: Receiver, **options: object) -> Answer:
    url = str(options.pop("url", receiver.url))
    return post(
        url, b'{"a":1}', headers={"webhook-id": "m1"}, allowed=HERE, limits=QUICK, **options
    )  # type: ignore[arg-type]


def test_receiver_gets_the_body_and_headers_once() -> None:
    with listening(always(200, "thanks")) as receiver:
        said = send(receiver)
    assert (said.status, said.text, said.ip) == (200, "thanks", "127.0.0.1")
    (call,) = receiver.calls
    assert (call.path, call.body, call.headers["webhook-id"]) == ("/hook", b'{"a":1}', "m1")
    assert call.headers["user-agent"] == "Sundial-Webhooks/1"


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [
        (500, False), (503, False), (429, False), (404, False), (401, False), (408, False),
        (301, True), (302, True), (307, True), (400, True), (422, True), (410, True),
    ],
)  # fmt: skip
def test_answers_say_whether_trying_again_can_help(status: int, is_permanent: bool) -> None:
    manner = always(status, "no", Location="http://127.0.0.1:1/")
    with listening(manner) as receiver, pytest.raises(Refused) as refused:
        send(receiver)
    assert (refused.value.answered, refused.value.answer) == (status, "no")
    assert refused.value.is_permanent is is_permanent
    assert isinstance(refused.value, Gone) is (status == 410)


def test_redirect_to_this_machine_is_not_followed() -> None:
    with (
        listening() as inside,
        listening(always(302, Location=inside.url)) as receiver,
        pytest.raises(Refused),
    ):
        send(receiver)
    assert inside.calls == []


def test_receiver_may_say_when_to_come_back() -> None:
    manner = always(503, Retry_After="120")
    with listening(manner) as receiver, pytest.raises(Refused) as refused:
        send(receiver)
    assert refused.value.retry_after == 120


def test_receiver_that_never_answers_is_left_in_time() -> None:
    with listening() as receiver:
        receiver.manner = lambda handler: receiver.closing.wait(30) and None
        began = time.monotonic()
        with pytest.raises(TimedOut):
            send(receiver)
        assert time.monotonic() - began < 20


def test_receiver_that_drips_its_answer_is_left_in_time() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            if receiver.closing.wait(0.05):
                return

    with listening(drip) as receiver:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            send(receiver)
        assert time.monotonic() - began < 20


def test_endless_answer_is_read_up_to_the_cap() -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not receiver.closing.is_set():
            handler.wfile.write(b"x" * 65_536)

    with listening(flood) as receiver:
        assert send(receiver).text == "x" * 64


def test_receiver_that_hangs_up_can_be_tried_again() -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.close()

    with listening(hang_up) as receiver, pytest.raises(CannotConnect) as failed:
        send(receiver)
    assert not failed.value.is_permanent


def test_nobody_listening_can_be_tried_again() -> None:
    with listening() as receiver:
        pass
    with pytest.raises(CannotConnect) as failed:
        send(receiver)
    assert not failed.value.is_permanent


def test_nothing_is_sent_where_the_setting_does_not_allow_it() -> None:
    with listening() as receiver, pytest.raises(ForbiddenTarget):
        post(receiver.url, b"{}", headers={}, allowed=Allowed())
    assert receiver.calls == []


def test_name_is_looked_up_once_and_the_checked_address_is_called() -> None:
    looks: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"] if len(looks) == 1 else ["10.0.0.1"]

    with listening() as receiver:
        said = send(
            receiver, url=receiver.url.replace("127.0.0.1", "hooks.example"), resolve=rebinding
        )
    assert (said.ip, looks) == ("127.0.0.1", ["hooks.example"])
    assert receiver.calls[0].headers["host"].startswith("hooks.example:")


def test_name_that_turns_private_on_second_look_is_refused_then() -> None:
    looks: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return ["127.0.0.1"] if len(looks) == 1 else ["10.0.0.1"]

    with listening() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        send(receiver, url=url, resolve=rebinding)
        with pytest.raises(ForbiddenTarget):
            send(receiver, url=url, resolve=rebinding)
    assert len(receiver.calls) == 1


def test_certificate_is_verified_by_name_though_the_address_is_called() -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.example").configure_cert(tls)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with listening(lambda handler: answer(handler, 204), tls=tls) as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        here = lambda host, port: ["127.0.0.1"]  # noqa: E731
        assert send(receiver, url=url, resolve=here, trust=trust).status == 204
        for wrong in (
            {"url": url.replace("hooks", "other"), "resolve": here, "trust": trust},
            {"url": url, "resolve": here},
        ):
            with pytest.raises(OutboundError) as failed:
                send(receiver, **wrong)
            assert "certificate" in str(failed.value).lower()
    assert len(receiver.calls) == 1
