"""Webhooks over the API: who may keep them, secrets shown once, tests, logs and sending again."""

import json

import pytest
from django.conf import Settings
from rest_framework.test import APIClient
from standardwebhooks.webhooks import Webhook as Verifier

from lifecycle.models import AuditEntry, Delivery, Webhook
from lineage.models import Team
from tests.factories.people import api_client, person
from tests.receivers import always, listening

pytestmark = pytest.mark.django_db
URL = "https://192.0.2.1.example.com/hook"
ALL = ("read", "lifecycle", "admin")


@pytest.fixture(autouse=True)
def _allowed(settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = ["127.0.0.1"]


@pytest.fixture
def ana() -> APIClient:
    """Of the team."""
    return api_client(person("ana", "tv"), "read", "lifecycle")


@pytest.fixture
def ben() -> APIClient:
    """Her colleague."""
    return api_client(person("ben", "tv"), "read", "lifecycle")


@pytest.fixture
def mallory() -> APIClient:
    return api_client(person("mallory", "elsewhere"), "read", "lifecycle")


@pytest.fixture
def olga() -> APIClient:
    return api_client(person("olga", is_staff=True), *ALL)


def make(client: APIClient, url: str = URL, **stated: object) -> dict:
    said = client.post("/api/v1/webhooks/", {"name": "bot", "url": url, **stated}, format="json")
    assert said.status_code == 201, said.json()
    return said.json()


def test_secret_is_shown_as_it_is_made_and_never_again(ana: APIClient) -> None:
    made = make(ana, team="tv", events=["version.published"])
    secret, pk = made["secret"], made["webhook"]["id"]
    assert secret == Webhook.objects.get().secret
    for address in ("/api/v1/webhooks/", f"/api/v1/webhooks/{pk}/"):
        assert secret not in ana.get(address).content.decode()
    assert secret not in str(list(AuditEntry.objects.values()))
    rotated = ana.post(f"/api/v1/webhooks/{pk}/rotate/").json()["secret"]
    row = Webhook.objects.get()
    assert (row.secret, row.previous_secret) == (rotated, secret)
    assert row.previous_until is not None


def test_teams_webhook_is_kept_by_its_members_and_the_operators(
    ana: APIClient, ben: APIClient, mallory: APIClient, olga: APIClient
) -> None:
    pk = make(ana, team="tv")["webhook"]["id"]
    address = f"/api/v1/webhooks/{pk}/"
    for client in (ana, ben, olga):
        assert client.get(address).status_code == 200
        assert client.get("/api/v1/webhooks/").json()["count"] == 1
    wish = {"name": "mine", "url": URL}
    assert mallory.get("/api/v1/webhooks/").json()["count"] == 0
    for status, client in ((404, mallory), (401, APIClient())):
        assert client.get(address).status_code == status
        assert client.put(address, wish, format="json").status_code == status
        assert client.delete(address).status_code == status
        for action in ("rotate", "ping"):
            assert client.post(f"{address}{action}/").status_code == status
        assert client.get(f"{address}deliveries/").status_code == status
    assert ben.put(address, wish, format="json").json()["name"] == "mine"
    assert ben.delete(address).status_code == 204
    assert [e.action for e in AuditEntry.objects.order_by("id")] == [
        "make webhook", "change webhook", "remove webhook",
    ]  # fmt: skip


@pytest.mark.parametrize("stated", [{}, {"team": "tv", "purpose": "executor"}, {"team": "x"}])
def test_members_make_none_of_the_platform_nor_executors_nor_of_other_teams(
    ana: APIClient, stated: dict[str, str]
) -> None:
    Team.objects.create(name="x")
    said = ana.post("/api/v1/webhooks/", {"name": "b", "url": URL, **stated}, format="json")
    assert said.status_code == 403
    assert not Webhook.objects.exists()


def test_operator_needs_the_scope_for_what_is_the_platforms(olga: APIClient) -> None:
    pk = make(olga, purpose="executor")["webhook"]["id"]
    weaker = api_client(person("otto", is_staff=True), "read", "lifecycle")
    assert weaker.get(f"/api/v1/webhooks/{pk}/").status_code == 404
    assert weaker.get("/api/v1/webhooks/").json()["count"] == 0


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"url": "http://10.0.0.1/"}, "forbidden_target"),
        ({"url": "https://127.0.0.2/"}, "forbidden_target"),
        ({"url": "https://user:pass@example.com/"}, "forbidden_target"),
        ({"url": "nonsense"}, "forbidden_target"),
        ({"events": ["nothing.such"]}, "invalid_webhook"),
        ({"name": "  "}, "invalid"),
        ({"name": "taken"}, "invalid_webhook"),
    ],
)
def test_webhook_that_cannot_work_is_refused(
    olga: APIClient, stated: dict[str, object], code: str
) -> None:
    make(olga, name="taken")
    body = {"name": "b", "url": URL, **stated}
    said = olga.post("/api/v1/webhooks/", body, format="json")
    assert (said.status_code, said.json()["code"]) == (400, code)
    assert Webhook.objects.count() == 1


def test_test_message_is_sent_logged_and_sent_again_the_same(ana: APIClient) -> None:
    with listening(always(500, "oh")) as receiver:
        made = make(ana, url=receiver.url, team="tv")
        pk = made["webhook"]["id"]
        sent = ana.post(f"/api/v1/webhooks/{pk}/ping/")
        assert sent.status_code == 202
        delivery = Delivery.objects.get()
        address = f"/api/v1/deliveries/{delivery.pk}/"
        assert ana.post(f"{address}resend/").status_code == 409
        detail = ana.get(address).json()
        assert detail["delivery"]["state"] == "waiting"
        assert [(t["answered"], t["response"]) for t in detail["tries"]] == [(500, "oh")]
        receiver.manner = always(200)
        Delivery.objects.update(due_at="2020-01-01T00:00:00Z")
        ana.put(f"/api/v1/webhooks/{pk}/", {"name": "bot", "url": receiver.url}, format="json")
        assert ana.post(f"{address}resend/").status_code == 202
        assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
        assert len(receiver.calls) == 3
        for call in receiver.calls:
            said = Verifier(made["secret"]).verify(call.body, call.headers)
            assert said["data"] == {"webhook": "bot", "asked_by": "ana"}
    log = ana.get(f"/api/v1/webhooks/{pk}/deliveries/?state=delivered").json()
    assert (log["count"], log["results"][0]["webhook"]) == (1, pk)
    assert json.dumps(made["secret"]) not in json.dumps(log)


def test_delivery_is_seen_by_those_it_went_to_alone(
    ana: APIClient, mallory: APIClient, olga: APIClient
) -> None:
    user = person("wim")
    row = Delivery.objects.create(
        channel="apprise", recipient=f"user:{user.pk}", user=user, dedupe_key="k",
        target="slack://secret/token", due_at="2024-01-01T00:00:00Z",
        created_at="2024-01-01T00:00:00Z",
    )  # fmt: skip
    address = f"/api/v1/deliveries/{row.pk}/"
    for client in (ana, mallory, olga):
        assert client.get(address).status_code == 404
        assert client.post(f"{address}resend/").status_code == 404
        assert client.get("/api/v1/deliveries/").json()["count"] == 0
    assert APIClient().get(address).status_code == 401
    own = api_client(user)
    assert own.get("/api/v1/deliveries/").json()["results"][0]["target"] == "slack://…"
    assert "secret" not in own.get(address).content.decode()
