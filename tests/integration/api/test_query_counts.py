"""Every list of the API costs as many queries for sixty rows as for ten."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lifecycle.models import Finding, Sunset
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
FEW, MANY = 10, 60
MOST = 20
HUB = "modules/platform/hub/"
LISTS = (
    "modules/", "modules/?sort=-live", f"{HUB}versions/", f"{HUB}dependents/",
    f"{HUB}dependents/?transitive=true", "modules/platform/base/dependents/?transitive=true",
    "modules/platform/suite/dependencies/", "modules/platform/suite/dependencies/?transitive=true",
    "upgrades/", "deployments/", "deployments/?state=expired", "findings/",
    "findings/?rule=unused-range", "notices/", "ingest-runs/", "ingest-runs/{run}/issues/",
    "sunsets/", "sunsets/{sunset}/", "audit/",
)  # fmt: skip
WHOLE = (
    HUB, f"{HUB}uptake/?days=7", f"{HUB}removal/?range=1.x", f"{HUB}graph/", f"{HUB}versions/1.0.0/",
    "sources/", "findings/{finding}/",
)  # fmt: skip


def family(number: int) -> Iterator[Record]:
    """A consumer of the hub by a team of its own, with a line nobody uses and a stale preview."""
    name, team = f"script-{number}", f"team-{number}"
    yield version("hub", f"1.0.{number}", "base@^1", owner="data")
    yield version(name, "1.0.0", owner=team)
    yield version(name, "2.0.0", "hub@^1", owner=team, kind="script")
    yield deployment(f"{name}/prod", name, "2.0.0", resolved={"hub": "1.0.0"})
    yield deployment(f"{name}/preview", name, "2.0.0", ttl="P7D")
    yield {"type": "version", "module": "", "version": str(number)}


def grow(first: int, last: int) -> None:
    """Families first..last, a suite that needs all of them, and one sunset a family."""
    families = range(first, last)
    take_in(*(record for number in families for record in family(number)))
    needs = [f"script-{number}@^2" for number in range(last)]
    take_in(
        version("base", "1.0.0"),
        version("suite", f"1.{last}.0", *needs, published_at=ago(100)),
        *({"type": "team", "name": f"team-{number}"} for number in families),
    )
    for number in families:
        take_in({"type": "team", "name": f"noted-{number}"}, source=f"source-{number}")
    sweep_and_tell()
    execute(*(f"script-{number} 1.x" for number in families))
    for number in families:
        execute(f"script-{number}/preview")


@pytest.fixture
def operator_of_all(operator: User) -> APIClient:
    """An operator, who reads all there is."""
    return api_client(operator, "read")


def path_of(template: str) -> str:
    """The address with the ids that this database gave."""
    issues_run = Finding.objects.order_by("id")
    return "/api/v1/" + template.format(
        run=1,
        sunset=Sunset.objects.order_by("id").values_list("id", flat=True).first(),
        finding=issues_run.values_list("id", flat=True).first(),
    )


def queries_of(ask: Callable[[], object]) -> int:
    ask()  # opens the snapshot
    with CaptureQueriesContext(connection) as counted:
        ask()
    return len(counted)
