"""Every list of the API, walked page by page to its end, has as many rows as it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from lifecycle.models import Sunset
from lineage.models import IngestRun, Inventory
from tests.factories.lifecycle import take_in, version
from tests.factories.people import api_client
from tests.integration.api.test_query_counts import grow

pytestmark = pytest.mark.django_db
SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.yaml"
MODULE = {"ecosystem": "platform", "name": "hub"}
# What a list must be asked with.
ASKED = {"diff/": "from=2001-01-01", "stragglers/": "line=1.x"}
# Counts under a name of its own; its pages are walked in the tests of removals.
BY_ANOTHER_NAME = "/api/v1/modules/{ecosystem}/{name}/removal/"
MOST_PAGES = 200


def paged() -> list[str]:
    """The addresses of the schema that take a page size."""
    paths = yaml.safe_load(SCHEMA.read_text())["paths"]
    return [
        path
        for path, operations in paths.items()
        if path != BY_ANOTHER_NAME
        and any(
            one["name"] == "page_size" for one in operations.get("get", {}).get("parameters", ())
        )
    ]


def filled(path: str) -> str | None:
    """The address about something that is there; None where another kind of id is asked for."""
    ids = {
        "ingest-runs": IngestRun.objects.filter(rejected__gt=0).first(),
        "inventories": Inventory.objects.first(),
        "sunsets": Sunset.objects.first(),
    }
    family = path.removeprefix("/api/v1/").split("/")[0]
    one = ids.get(family)
    if "{id}" in path and one is None:
        return None
    address = path.format(**MODULE, id=one.pk if one else "")
    return address + next((f"?{query}" for end, query in ASKED.items() if path.endswith(end)), "")


def walked(client: APIClient, address: str) -> Iterator[str]:
    """Every row, as text, two a page; the count is the same on each page."""
    joint = "&" if "?" in address else "?"
    following: str | None = f"{address}{joint}page_size=2"
    counts = set()
    for _ in range(MOST_PAGES):
        if following is None:
            break
        response = client.get(following)
        assert response.status_code == 200, (address, response.content)
        page = response.json()
        counts.add(page["count"])
        yield from (json.dumps(row, sort_keys=True) for row in page["results"])
        following = page["next"]
    assert following is None, address
    assert len(counts) == 1, address


def test_every_list_has_as_many_rows_as_it_counts(operator: User) -> None:
    grow(0, 5, operator)
    rings = [version(f"ring-{n}", f"1.{n}.0", f"ring-{(n + 1) % 3}@^1") for n in range(3)]
    names = [version(f"search-v{n}", "1.0.0") for n in range(4)]
    take_in(*rings, *names)
    take_in({"type": "inventory"})
    client = api_client(operator, "read", "ingest", "lifecycle", "admin")
    found = {}
    for path in paged():
        address = filled(path)
        if address is None:
            continue
        rows = list(walked(client, address))
        joint = "&" if "?" in address else "?"
        assert client.get(f"{address}{joint}page_size=1").json()["count"] == len(rows), address
        assert len(set(rows)) == len(rows), f"a row stands twice in {address}"
        found[path] = len(rows)
    assert sum(count > 1 for count in found.values()) > 12, found
    assert len(found) > 20
