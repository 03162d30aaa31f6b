"""Every answer of the API costs as many queries for sixty rows as for ten."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lifecycle.models import Finding, Sunset
from lineage.models import IngestRun, Team
from platform_ui.accounts.models import Membership
from tests.factories.lifecycle import (
    Record,
    ago,
    deployment,
    execute,
    sweep_and_tell,
    take_in,
    version,
)
from tests.factories.people import api_client

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FEW, MORE = 10, 50
MOST_QUERIES = 20
HUB = "modules/platform/hub/"
LISTS = (
    "modules/", "modules/?sort=-live", f"{HUB}versions/", f"{HUB}dependents/",
    f"{HUB}stragglers/?line=1.x",
    f"{HUB}dependents/?transitive=true", "modules/platform/base/dependents/?transitive=true",
    "modules/platform/suite/dependencies/", "modules/platform/suite/dependencies/?transitive=true",
    "upgrades/", "deployments/", "deployments/?state=all", "findings/?state=all", "notices/",
    "ingest-runs/", "ingest-runs/{run}/issues/", "sunsets/", "sunsets/{sunset}/", "audit/",
)  # fmt: skip
WHOLE = (
    HUB, f"{HUB}uptake/?days=7", f"{HUB}removal/?range=1.x", f"{HUB}graph/",
    f"{HUB}versions/1.0.0/", "sources/", "environments/", "findings/{finding}/",
    "ingest-runs/{run}/",
)  # fmt: skip


def family(number: int) -> Iterator[Record]:
    """A script of a team of its own: one line nobody uses, one that runs, a stale preview."""
    name = f"script-{number}"
    yield version("hub", f"1.0.{number}", "base@^1", owner="data")
    yield version(name, "1.0.0", owner=f"team-{number}")
    yield version(name, "2.0.0", "hub@^1", owner=f"team-{number}", kind="script")
    yield deployment(f"{name}/prod", name, "2.0.0", resolved={"hub": "1.0.0"})
    yield deployment(f"{name}/preview", name, "2.0.0", ttl="P7D")
    yield {"type": "version", "module": "", "version": str(number)}


def grow(first: int, last: int, reader: User) -> None:
    """Add families; what they left unused is sunset in one batch, their previews one by one."""
    numbers = range(first, last)
    take_in(version("base", "1.0.0"), *(record for one in numbers for record in family(one)))
    needs = [f"script-{number}@^2" for number in range(last)]
    take_in(version("suite", f"1.{last}.0", *needs, published_at=ago(100)))
    for number in numbers:
        take_in({"type": "team", "name": "data"}, source=f"source-{number}")
        team = Team.objects.get(name=f"team-{number}")
        Membership.objects.create(user=reader, team=team)
    sweep_and_tell()
    execute(*(f"script-{number} 1.x" for number in numbers))
    for number in numbers:
        execute(f"script-{number}/preview")


def addresses() -> dict[str, str]:
    """Template -> address, about the things that hold most rows."""
    run = IngestRun.objects.order_by("-rejected").first()
    sunset = Sunset.objects.filter(title__contains="things").order_by("-id").first()
    ids = {"run": run, "sunset": sunset, "finding": Finding.objects.first()}
    pks = {name: row.pk for name, row in ids.items() if row is not None}
    return {template: "/api/v1/" + template.format(**pks) for template in (*LISTS, *WHOLE)}


def costs(client: APIClient, rows: int) -> dict[str, int]:
    """Template -> queries of one answer; every list must have that many rows at least."""
    found = {}
    for template, path in addresses().items():
        if template in LISTS:
            path += ("&" if "?" in path else "?") + "page_size=200"
        client.get(path)  # opens the snapshot
        with CaptureQueriesContext(connection) as counted:
            response = client.get(path)
        assert response.status_code == 200, (path, response.content)
        if template in LISTS:
            assert len(response.json()["results"]) >= rows, path
        found[template] = len(counted)
    return found


def test_no_answer_costs_more_queries_for_more_rows(operator: User) -> None:
    client = api_client(operator, "read")
    grow(0, FEW, operator)
    few = costs(client, FEW)
    grow(FEW, FEW + MORE, operator)
    many = costs(client, MORE)
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}
    assert {path: count for path, count in many.items() if count > MOST_QUERIES} == {}
