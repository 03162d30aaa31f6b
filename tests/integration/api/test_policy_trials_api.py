"""Dry runs and backtests over the API: anybody may ask, nothing but the backtest is written."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lifecycle.models import Backtest, BacktestItem, Policy
from lifecycle.permissions import Actor
from lifecycle.policies.validation import PolicyDraft
from lifecycle.services.backtests import ask_backtest
from lifecycle.services.sweep import sweep
from lineage.models import Module
from tests.every_row import digests
from tests.factories.lifecycle import NOW, PLATFORM, take_in
from tests.factories.people import api_client, person
from tests.queries import asked

pytestmark = pytest.mark.django_db

URL = "/api/v1/policies/"
ANA = Actor("ana", scopes=frozenset({"read"}))
DRAFT = {
    "name": "Libraries",
    "rule": "unused-range",
    "settings": {"unused_for_days": 10},
    "module_pattern": "auth*",
}


@pytest.fixture(autouse=True)
def platform() -> None:
    take_in(*PLATFORM)
    sweep(NOW)


@pytest.fixture
def reader() -> APIClient:
    """A member of no team, by a token that may read."""
    return api_client(person("chris"))


def stored(**changes: Any) -> Policy:
    draft = PolicyDraft(**(DRAFT | changes))
    fields = {name: getattr(draft, name) for name in PolicyDraft.__slots__}
    return Policy.objects.create(
        **fields, created_by="ana", created_at=NOW, updated_by="ana", updated_at=NOW
    )


def test_an_outsider_tries_a_draft_and_nothing_is_written(reader: APIClient) -> None:
    api_client(person("dora"))  # so that the token in use is the only thing that moves
    reader.get(URL)
    before = digests()
    answer = reader.post(f"{URL}dry-run/", DRAFT, format="json")
    after = digests()
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    assert told["count"] == len(told["results"]) == 1
    assert told["results"][0] | {"since": None, "reason": None} == {
        "subject": told["results"][0]["subject"], "label": "auth 1.x",
        "module_id": told["results"][0]["module_id"], "line": "1.x", "deployment_id": None,
        "owner": told["owners"][0]["owner"], "size": told["totals"]["things"], "since": None,
        "reason": None, "is_new": False, "is_exempt": False,
        "is_frozen": told["results"][0]["is_frozen"], "goes_at": None,
    }  # fmt: skip
    assert told["totals"]["decided_by"] == {"Libraries": 1}
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {"accounts_apitoken"}


def test_a_draft_with_faults_is_refused_field_by_field(reader: APIClient) -> None:
    for body, field in (
        (DRAFT | {"settings": {"unused_for_days": -1}}, "settings"),
        (DRAFT | {"tier": "prod"}, "tier"),
        (DRAFT | {"owner": "nobody here"}, "owner"),
        (DRAFT | {"rule": "no such"}, "rule"),
        (DRAFT | {"policy": 0}, "policy"),
        ({}, "name"),
    ):
        answer = reader.post(f"{URL}dry-run/", body, format="json")
        assert answer.status_code == 400, body
        assert field in answer.json()["fields"], answer.json()


def test_a_saved_policy_is_tried_as_it_is(reader: APIClient) -> None:
    keep = stored(effect="keep")
    told = reader.post(f"{URL}{keep.pk}/dry-run/").json()
    assert (told["count"], told["totals"]["closed"]) == (0, 1)
    assert [row["label"] for row in told["closed"]] == ["auth 1.x"]
    assert reader.post(f"{URL}999/dry-run/").status_code == 404


def test_a_backtest_is_started_watched_and_read(reader: APIClient) -> None:
    policy = stored()
    address = f"{URL}{policy.pk}/backtest/"
    assert reader.get(address).status_code == 404
    asked = reader.post(address, {"days": 30}, format="json")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    told = reader.get(address).json()
    assert (told["backtest"]["state"], told["backtest"]["done"]) == ("done", 31)
    assert told["count"] == len(told["results"]) == told["backtest"]["result"]["total"]["gone"]
    assert reader.get(f"/api/v1/backtests/{asked.json()['id']}/").json() == told
    assert reader.get(f"{address}?used_again=true").json()["count"] == 0
    assert reader.get(f"{address}?sort=nonsense").status_code == 400


def test_the_same_question_is_not_asked_twice_while_it_waits(reader: APIClient) -> None:
    policy = stored()
    waiting = ask_backtest(actor=ANA, now=timezone.now(), policy_id=policy.pk, days=30)
    address = f"{URL}{policy.pk}/backtest/"
    assert reader.get(address).json()["backtest"]["state"] == "queued"
    assert reader.post(address, {"days": 30}, format="json").json()["id"] == waiting.pk


def test_all_policies_or_a_draft_among_them_can_be_replayed(reader: APIClient) -> None:
    everything = reader.post("/api/v1/backtests/", {"days": 10}, format="json")
    assert everything.json()["name"] == ""
    body = {"days": 10, "draft": DRAFT}
    drafted = reader.post("/api/v1/backtests/", body, format="json")
    assert (drafted.status_code, drafted.json()["name"]) == (202, "Libraries")
    assert reader.get("/api/v1/backtests/").json()["count"] == 2
    assert reader.get("/api/v1/backtests/999/").status_code == 404


def test_days_have_bounds_and_too_many_wait_in_vain(reader: APIClient) -> None:
    for days in (0, 366, "x"):
        assert reader.post("/api/v1/backtests/", {"days": days}, format="json").status_code == 400
    for days in range(1, 11):
        ask_backtest(actor=ANA, now=timezone.now(), days=days)
    answer = reader.post("/api/v1/backtests/", {"days": 11}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_backtests")


def test_nobody_unknown_tries_anything() -> None:
    nobody = APIClient()
    for address in ("policies/dry-run/", "policies/1/dry-run/", "backtests/"):
        assert nobody.post(f"/api/v1/{address}", {}, format="json").status_code in {401, 403}


def test_lists_take_as_many_queries_for_many_as_for_one(reader: APIClient) -> None:
    def grow(number: int) -> Backtest:
        backtest = Backtest.objects.create(
            name="", days=1, state="done", asked_by="ana", asked_at=NOW, total=2
        )
        module = Module.objects.get(name="auth")
        for place in range(number):
            BacktestItem.objects.create(
                backtest=backtest, rule="unused-range", label=f"auth {place}.x", module=module,
                owner=module.owner, reason="", flagged_at=NOW, gone_at=NOW,
            )  # fmt: skip
        return backtest

    few, many = grow(1), grow(30)
    address = "/api/v1/backtests/"
    assert len(reader.get(f"{address}{many.pk}/").json()["results"]) == 30
    one = asked(lambda: reader.get(f"{address}{few.pk}/"))
    assert asked(lambda: reader.get(f"{address}{many.pk}/")) == one
    before = asked(lambda: reader.get(address))
    for _ in range(20):
        grow(0)
    assert reader.get(address).json()["count"] == 22
    assert asked(lambda: reader.get(address)) == before
