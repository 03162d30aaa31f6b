"""What is measured inside a process that serves: graph, API, pages, sweep, a published version."""

from functools import partial
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lifecycle.selectors.lines import module_lines
from lineage.graph.csr import Array
from lineage.graph.reach import dependents_reach, in_use
from lineage.models import Deployment, Module
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.selectors.view import View, current_view
from lineage.services.ingest import ingest_document
from lineage.services.snapshot import refresh
from platform_ui.bench.limit import compiled_search
from platform_ui.bench.peers import peer_rows
from platform_ui.bench.rows import Row
from platform_ui.bench.timing import MS, ROUNDS, best, browser, get, once, p95, served
from platform_ui.navigation import rail

HUBS = 20


def answers() -> list[Row]:
    """Every figure of a database that is loaded and has a snapshot.

    Peers come last: what they build would count as memory of ours.
    """
    view = current_view(timezone.now())
    hubs = _hubs(view)
    client = browser()
    served = [*_api(client, hubs), *_pages(client, hubs), _memory(), _publish(hubs[0])]
    return [*_reach(view, hubs), _search(view), *served]


def _hubs(view: View) -> list[Module]:
    """The modules most others depend on, at any remove; the greatest first."""
    order = np.argsort(-view.usage.dependents_modules, kind="stable")[:HUBS]
    ids = [int(pk) for pk in view.graph.module_ids[order]]
    found = Module.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def _reach(view: View, hubs: list[Module]) -> list[Row]:
    """Ours and the limit, then the same by other means."""
    graph = view.graph
    name, limit = compiled_search(graph)
    roots = [int(view.versions_of(module.pk)[-1]) for module in hubs]
    arrays = [np.array([root], dtype=np.int32) for root in roots]
    ours = [best(partial(dependents_reach, graph, root)) for root in arrays]
    theirs = [best(partial(limit, root)) for root in roots]
    rows = []
    for word, of in (("median", np.median), ("p95", p95)):
        figure, least = float(of(ours)) * MS, float(of(theirs)) * MS
        work = f"transitive dependents of {len(hubs)} hubs, in the engine, {word}"
        rows.append(Row(work, figure, "ms", 10 * least, least, name))
    return [*rows, *peer_rows(view, roots, float(np.median(ours)))]


def _search(view: View) -> Row:
    """The sweep's search: which versions all that runs can reach."""
    running = Deployment.objects.live().values_list("version_id", flat=True).distinct()
    roots: Array = view.node_of(running)
    seconds = best(lambda: in_use(view.graph, roots[roots >= 0]))
    return Row("one search from everything that runs", seconds, "s", 0.2)


def _api(client: Client, hubs: list[Module]) -> list[Row]:
    paths = [f"/api/v1/modules/{hub.ecosystem}/{hub.name}/dependents/" for hub in hubs]
    direct = [get(client, path) for path in paths for _ in range(2)]
    reached = [get(client, f"{path}?transitive=true") for path in paths for _ in range(2)]
    return [
        served("direct dependents of a hub, at the API, p95", direct, 20),
        served("transitive dependents of a hub, at the API, p95", reached, 80),
    ]


TABS = (
    "", "?tab=versions", "?tab=dependents", "?tab=dependents&transitive=1", "?tab=dependencies",
    "?tab=uptake", "?tab=changes", "?tab=graph", "?tab=preview&version=999.0.0",
)  # fmt: skip
LISTS = ("/modules/?sort=-live", "/modules/?sort=-blast", "/modules/naming/", "/upgrades/?owner=*",
         "/cycles/", "/changes/", "/findings/?state=all", "/ingest/")  # fmt: skip
SLOWEST = 8


def _pages(client: Client, hubs: list[Module]) -> list[Row]:
    """Every page of the rail, other lists, and every part of a hub's page; the slowest ones."""
    hub = f"/modules/{hubs[0].ecosystem}/{hubs[0].name}/"
    oldest = module_lines(hubs[0], now=timezone.now())[-1].facts.line
    rails = [link.url for links in rail("", is_operator=True) for link in links]
    parts = [f"{hub}{tab}" for tab in (*TABS, f"?tab=removal&range={oldest}")]
    pages = [*dict.fromkeys([*rails, *LISTS, *parts])]
    rows = []
    most = 0
    for path in pages:
        get(client, path)  # what a past day needs is built once and kept
        with CaptureQueriesContext(connection) as counted:
            get(client, path)
        most = max(most, len(counted))
        rows.append(served(f"page {path}", [get(client, path) for _ in range(ROUNDS)], 200))
    rows.sort(key=lambda row: -row.figure)
    others = rows[SLOWEST:]
    rest = Row(f"the slowest of the {len(others)} pages faster than those", others[0].figure,
               "ms", 200, cpu=others[0].cpu)  # fmt: skip
    return [*rows[:SLOWEST], rest,
            Row(f"queries of the page that asks most, of {len(pages)}", most, "", 40)]  # fmt: skip


def _memory() -> Row:
    status = Path("/proc/self/status").read_text()
    anonymous = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return Row(
        "memory of this process, shared pages aside", int(anonymous.split()[1]) / 1024, "MB", 300
    )


def _publish(hub: Module) -> Row:
    """From a new version of a hub on its way in to its dependents being right."""
    record = {"type": "version", "ecosystem": hub.ecosystem, "module": hub.name,
              "version": f"999.0.{Module.objects.count()}"}  # fmt: skip

    def publish() -> None:
        now = timezone.now()
        ingest_document(BytesIO(msgspec.json.encode(record) + b"\n"), source="bench", now=now)
        refresh(now)
        direct_dependents(hub, DependentFilter(), now=now)

    return Row("a version published on a hub, until every answer is right", once(publish), "s", 3)
