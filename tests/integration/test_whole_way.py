"""A deployment's whole way: flagged, planned, announced, its grace over, gone outside, back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import Settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks.webhooks import Webhook as Verifier

from lifecycle.tasks import drive_sunsets, send_executor_calls, sweep
from tests.factories.people import api_client, person, signed_in
from tests.factories.platform import lines_of
from tests.receivers import Receiver, listening

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEYS = [f"tv-home/preview-{number}" for number in range(5)]


@dataclass
class Clock:
    """What every door reads; tests move it on."""

    now: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def pass_by(self, time: timedelta) -> None:
        """Let time pass, and let beat send its jobs at the end of it."""
        self.now += time
        beat()


def beat() -> None:
    sweep()
    drive_sunsets()
    send_executor_calls()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]
    with listening() as receiver:
        yield receiver


@pytest.fixture
def api(clock: Clock) -> APIClient:
    """An operator's client."""
    olga = person("olga", is_staff=True)
    return api_client(olga, "read", "ingest", "lifecycle", "admin")


@pytest.fixture
def owner(clock: Clock) -> Client:
    """The browser of somebody whose team owns what is flagged."""
    return signed_in(person("ana", "tv"))


def ask(api: APIClient, path: str, **query: object) -> Any:
    response = api.get(f"/api/v1/{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def say(api: APIClient, path: str, body: object) -> Any:
    response = api.post(f"/api/v1/{path}", body, format="json")
    assert response.status_code in (200, 201), response.content
    return response.json()


def deploy(api: APIClient, clock: Clock) -> None:
    """Previews that live for a day, and what runs in production."""
    started = clock.now.isoformat()
    version = {"type": "version", "module": "tv-home", "kind": "script", "version": "1.0.0",
               "owner": "tv", "published_at": started}  # fmt: skip
    run = {"type": "deployment", "module": "tv-home", "version": "1.0.0", "started_at": started}
    records = [
        version,
        {**run, "id": "tv-home/prod", "environment": "prod", "tier": "prod"},
        *({**run, "id": key, "environment": "preview", "ttl": "P1D"} for key in KEYS),
    ]
    response = api.post("/api/v1/ingest/", lines_of(records), content_type="application/x-ndjson")
    assert response.json()["accepted"] == 7, response.content


def live(api: APIClient) -> list[str]:
    return sorted(row["id"] for row in ask(api, "deployments/", page_size=100)["results"])


def heard(receiver: Receiver, secret: str) -> list[str]:
    """What it was told, each message once, the signatures checked."""
    said = []
    for call in receiver.once.values():
        at = datetime.fromtimestamp(int(call.headers["webhook-timestamp"]), UTC)
        signature = Verifier(secret).sign(call.headers["webhook-id"], at, call.body.decode())
        assert call.headers["webhook-signature"] == signature
        body = json.loads(call.body)
        said.append(f"{body['data']['operation']} {body['data']['item']['deployment']}")
    return sorted(said)


def test_whole_way_of_what_outlived_its_ttl(
    api: APIClient, owner: Client, clock: Clock, receiver: Receiver
) -> None:
    hook = {"name": "bot", "url": receiver.url, "purpose": "executor"}
    secret = say(api, "webhooks/", hook)["secret"]
    say(api, "policies/", {"name": "previews", "rule": "expired-deployment", "tier": "preprod",
                           "grace_days": 3, "executor": "webhook:bot"})  # fmt: skip
    deploy(api, clock)
    clock.pass_by(2 * DAY)
    before = ask(api, "deployments/", page_size=100)["results"]

    # Flagged, and its owner told.
    findings = ask(api, "findings/", rule="expired-deployment")["results"]
    assert [row["label"] for row in findings] == KEYS
    ids = [row["id"] for row in findings]
    clock.pass_by(DAY)

    # Planned and announced, by the owner.
    plan = say(api, "sunsets/plan/", {"findings": ids})
    assert sorted(item["label"] for item in plan["items"]) == KEYS
    said = {"findings": ",".join(map(str, ids)), "hash": plan["hash"], "reason": "old previews"}
    assert owner.post("/sunsets/plan/", said).status_code == 302
    beat()
    (sunset,) = ask(api, "sunsets/")["results"]
    address = f"sunsets/{sunset['id']}/"

    # Nothing goes before the grace is over.
    clock.pass_by(timedelta(hours=1))
    assert ask(api, address)["states"] == {"planned": 5}
    assert receiver.calls == []
    assert len(live(api)) == 6

    # Gone, here and outside.
    clock.pass_by(3 * DAY)
    assert ask(api, address)["sunset"]["state"] == "done"
    assert live(api) == ["tv-home/prod"]
    assert heard(receiver, secret) == [f"sunset {key}" for key in KEYS]
    clock.pass_by(DAY)
    assert len(receiver.calls) == 5

    # Back as it was, here and outside.
    assert say(api, f"{address}restore/", {"reason": "still needed"})["state"] == "restored"
    send_executor_calls()
    assert ask(api, address)["states"] == {"restored": 5}
    assert ask(api, "deployments/", page_size=100)["results"] == before
    told = [f"{operation} {key}" for operation in ("restore", "sunset") for key in KEYS]
    assert heard(receiver, secret) == told
    calls = ask(api, "executor-calls/", state="acknowledged")
    assert calls["count"] == len(told)

    # Every step is in the audit, which is whole.
    actions = [row["action"] for row in ask(api, "audit/", page_size=100)["results"]]
    assert {"announce", "sunset", "sunset acknowledged", "restore"} <= set(actions)
