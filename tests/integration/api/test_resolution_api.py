"""Joint resolution over the API: versions with their reasons, conflicts in sentences."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories.platform import platform
from tests.queries import asked

pytestmark = pytest.mark.django_db


def resolve(client: APIClient, *needs: str, strategy: str) -> Any:
    wanted = [dict(zip(("module", "range"), need.split("@"), strict=True)) for need in needs]
    body = {"requirements": wanted, "strategy": strategy}
    response = client.post("/api/v1/resolve/", body, format="json")
    assert response.status_code == 200, response.content
    return response.json()


def test_a_joint_resolution_says_why_each_version_is_taken(client: APIClient) -> None:
    platform("top 1.0.0 -> base@*, middle@*", "middle 1.0.0 -> base@^1", "base 1.5.0", "base 2.0.0")
    found = resolve(client, "top@*", strategy="joint")
    assert (found["satisfiable"], found["sentences"], found["clauses"]) == (True, [], [])
    taken = {one["module"]["name"]: one for one in found["versions"]}
    assert {name: one["version"] for name, one in taken.items()} == {
        "top": "1.0.0", "middle": "1.0.0", "base": "1.5.0",
    }  # fmt: skip
    assert taken["base"]["newest"] == "2.0.0"
    (held,) = taken["base"]["held_by"]
    assert (held["consumer"]["module"]["name"], held["range"]) == ("middle", "^1")
    assert [clause["module"]["name"] for clause in taken["base"]["chain"]] == ["top", "base"]
    newest = resolve(client, "top@*", strategy="newest")
    assert sorted(one["version"] for one in newest["versions"]) == [
        "1.0.0", "1.0.0", "1.5.0", "2.0.0",
    ]  # fmt: skip


def test_a_conflict_is_an_answer_in_sentences(client: APIClient) -> None:
    platform(
        "top 1.0.0 -> base@^2, middle@*", "middle 1.0.0 -> base@^1", "base 1.5.0", "base 2.0.0"
    )
    found = resolve(client, "top@*", strategy="joint")
    assert (found["satisfiable"], found["versions"], found["is_minimal"]) == (False, [], True)
    assert found["results"][0]["resolved"] is None
    assert found["sentences"][-1] == "No version of base satisfies both ^2 and ^1."
    assert "top 1.0.0 → middle 1.0.0 needs base ^1." in found["sentences"]
    assert resolve(client, "top@*", strategy="newest")["satisfiable"]


def test_newest_says_which_need_deep_below_nothing_satisfies(client: APIClient) -> None:
    platform("top 1.0.0 -> middle@*", "middle 1.0.0 -> base@^9", "base 1.5.0")
    found = resolve(client, "top@*", strategy="newest")
    assert found["results"][0]["resolved"] == "1.0.0"
    assert found["sentences"] == [
        "top 1.0.0 → middle 1.0.0 needs base ^9, which no version satisfies."
    ]


def test_resolving_costs_as_many_queries_for_many_modules_as_for_few(client: APIClient) -> None:
    costs = []
    for last in (10, 60):
        platform(*(f"link-{n} 1.0.0 -> link-{n + 1}@*" for n in range(last)), f"link-{last} 1.0.0")
        for strategy in ("newest", "joint"):
            costs.append(
                asked(lambda chosen=strategy: resolve(client, "link-0@*", strategy=chosen))
            )
    assert len(set(costs)) == 1
    assert costs[0] <= 12
