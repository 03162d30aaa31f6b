"""No list asks the database more for sixty rows than for ten."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lifecycle.services.sunsets import restore_sunset
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    NOW,
    Record,
    ago,
    deployment,
    execute,
    finding,
    sweep_and_tell,
    take_in,
    version,
)
from tests.factories.lifecycle import operator as an_operator
from tests.pages import Page

pytestmark = pytest.mark.django_db


def some(numbers: range) -> list[Record]:
    """For each number a library with an unused line, a consumer of hub, and what runs of it."""
    records: list[Record] = [version("hub", "1.0.0", owner="identity"), version("hub", "2.0.0")]
    for n in numbers:
        team = f"team-{n}"
        records += [
            version(f"lib-{n}", "1.0.0", owner=team),
            version(f"lib-{n}", "2.0.0", owner=team),
            version("hub", f"3.{n}.0", f"lib-{n}@^2", owner="identity"),
            version(f"app-{n}", "1.0.0", "hub@>=1", f"lib-{n}@^2", owner=team, kind="script"),
            deployment(f"app-{n}/prod", f"app-{n}", "1.0.0", resolved={"hub": "1.0.0"}),
            deployment(f"app-{n}/test", f"app-{n}", "1.0.0", ttl="P7D"),
            {"type": "deprecation", "module": f"lib-{n}", "range": "2.x", "sunset_at": ago(-90)},
            {"type": "version", "module": "", "version": str(n)},
        ]
    needs = [f"lib-{n}@^2" for n in numbers]
    records.append(version("app-all", f"1.{len(numbers)}.0", *needs, kind="script"))
    return records


def retire(numbers: range) -> None:
    """Some sunsets of one line each, half of them restored."""
    for n in numbers:
        sunset = execute(f"lib-{n} 1.x")
        if n % 2:
            restore_sunset(sunset.pk, actor=an_operator(), reason="", now=NOW + DAY)


def grow(numbers: range) -> None:
    for n in numbers:
        take_in(version("extra", f"1.{n}.0"), source=f"source-{n}")
    take_in(*some(numbers))
    sweep_and_tell()


# What is cut to a few rows, or has as many as a module has lines.
SHORT = (
    "/",
    "/graph/",
    "/modules/platform/hub/",
    "/modules/platform/hub/?tab=uptake",
    "/modules/platform/hub/?tab=removal&range=1.x",
)
LISTS = (
    "/modules/",
    "/modules/?sort=-live",
    "/deployments/",
    "/deployments/?state=expired",
    "/deployments/?as_of=2024-08-01",
    "/upgrades/?owner=*",
    "/upgrades/?owner=*&status=dying",
    "/findings/",
    "/findings/?rule=expired-deployment",
    "/graph/?module=hub",
    "/changes/?from=2001-01-01",
    "/modules/platform/hub/?tab=changes&from=2001-01-01",
    "/sources/",
    "/ingest/",
    "/modules/platform/hub/?open=3.x",
    "/modules/platform/hub/?tab=versions",
    "/modules/platform/hub/?tab=dependents",
    "/modules/platform/hub/?tab=dependents&transitive=1",
    "/modules/platform/hub/?tab=dependents&as_of=2024-08-01",
    "/modules/platform/hub/?tab=graph",
    "/modules/platform/app-all/?tab=dependencies",
    "/notices/",
)


def whole(address: str) -> str:
    """The address with a page size that holds every row."""
    return f"{address}{'&' if '?' in address else '?'}size=200"


def asked(client: Client, address: str) -> tuple[int, int]:
    """(queries, table rows) of a page whose caches are cold but for the snapshot."""
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(queries), len(Page(response).rows)


def compare(
    client: Client, addresses: tuple[str, ...], make: Callable[[range], None]
) -> dict[str, tuple[tuple[int, int], tuple[int, int]]]:
    """What each page asked with ten of everything and with sixty."""
    make(range(10))
    refresh(NOW)
    few = {address: asked(client, address) for address in addresses}
    make(range(10, 60))
    refresh(NOW)
    return {address: (few[address], asked(client, address)) for address in addresses}


def test_lists_ask_the_same_for_ten_rows_and_for_sixty(operator: Client) -> None:
    every = (*SHORT, *LISTS)
    found = compare(operator, tuple(map(whole, every)), grow)
    for address in every:
        few, many = found[whole(address)]
        assert many[0] <= few[0], address
        assert address in SHORT or many[1] > few[1], address


def test_sunsets_and_audit_ask_the_same_for_ten_rows_and_for_sixty(operator: Client) -> None:
    grow(range(60))
    found = compare(operator, ("/sunsets/?size=200", "/audit/?size=200"), retire)
    for address, (few, many) in found.items():
        assert many[1] > few[1], address
        assert many[0] == few[0], address


def test_plan_sunset_and_rejects_ask_the_same_for_few_items_and_for_many(
    operator: Client,
) -> None:
    take_in(*(version("auth", f"1.{n}.0", owner="identity") for n in range(60)))
    take_in(*(version("jwt", f"1.{n}.0", owner="identity") for n in range(10)))
    take_in(version("auth", "2.0.0", owner="identity"), version("jwt", "2.0.0", owner="identity"))
    take_in(*some(range(1)))
    sweep_and_tell()
    rejected = [
        take_in(*[{"type": "version", "module": "", "version": "1"}] * number).run
        for number in (10, 60)
    ]
    lines = ("jwt 1.x", "auth 1.x")
    plans = [f"/sunsets/plan/?findings={finding(line).pk}" for line in lines]
    found = [[asked(operator, address) for address in plans]]
    sunsets = [f"/sunsets/{execute(line).pk}/?size=200" for line in lines]
    runs = [f"/ingest/{run}/?size=200" for run in rejected]
    found += [[asked(operator, address) for address in pair] for pair in (sunsets, runs)]
    for (few_asked, few_rows), (many_asked, many_rows) in found:
        assert many_rows - few_rows == 50
        assert many_asked == few_asked
