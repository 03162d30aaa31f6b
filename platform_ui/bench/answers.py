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
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from lineage.graph.arrays import Graph
from lineage.graph.csr import Array
from lineage.graph.reach import dependents_reach, in_use
from lineage.models import Deployment, Module
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.selectors.view import View, current_view
from lineage.services.ingest import ingest_document
from lineage.services.snapshot import refresh
from platform_ui.bench.peers import peer_rows
from platform_ui.bench.rows import Row
from platform_ui.bench.timing import MS, ROUNDS, best, browser, get, once, p95

HUBS = 20


def answers() -> list[Row]:
    """Every figure of a database that is loaded and has a snapshot."""
    view = current_view(timezone.now())
    hubs = _hubs(view)
    client = browser()
    return [
        *_reach(view, hubs),
        _search(view),
        *_api(client, hubs),
        *_pages(client, hubs),
        _memory(),
        _publish(hubs[0]),
    ]


def _hubs(view: View) -> list[Module]:
    order = np.argsort(-view.usage.dependents_modules, kind="stable")[:HUBS]
    found = Module.objects.in_bulk([int(pk) for pk in view.graph.module_ids[order]])
    return list(found.values())


def _reach(view: View, hubs: list[Module]) -> list[Row]:
    graph = view.graph
    peer = _reversed_matrix(graph)
    roots = [view.versions_of(module.pk)[-1:].astype(np.int32) for module in hubs]
    search = partial(breadth_first_order, peer, directed=True, return_predecessors=False)
    ours = [best(partial(dependents_reach, graph, root)) for root in roots]
    theirs = [best(partial(search, int(root[0]))) for root in roots]
    return [
        Row(
            f"transitive dependents of {len(hubs)} hubs, in the engine, median",
            float(np.median(ours)) * MS, "ms", 10 * float(np.median(theirs)) * MS,
            float(np.median(theirs)) * MS, "scipy's compiled search",
        ),
        *peer_rows(view, [int(root[0]) for root in roots], float(np.median(ours))),
    ]  # fmt: skip


def _reversed_matrix(graph: Graph) -> csr_matrix:
    ones = np.ones(len(graph.in_source), dtype=np.int8)
    return csr_matrix((ones, graph.in_source, graph.in_start), shape=(graph.nodes, graph.nodes))


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
        Row("direct dependents of a hub, at the API, p95", p95(direct) * MS, "ms", 20),
        Row("transitive dependents of a hub, at the API, p95", p95(reached) * MS, "ms", 80),
    ]


def _pages(client: Client, hubs: list[Module]) -> list[Row]:
    hub = f"/modules/{hubs[0].ecosystem}/{hubs[0].name}/"
    tabs = ("", "?tab=versions", "?tab=dependents", "?tab=dependents&transitive=1", "?tab=graph")
    pages = ["/", "/modules/", "/modules/?sort=-live", "/deployments/", "/findings/", "/sunsets/",
             "/upgrades/?owner=*", "/graph/", "/sources/", "/notices/", f"{hub}?tab=uptake",
             f"{hub}?tab=dependencies", *(hub + tab for tab in tabs)]  # fmt: skip
    rows = []
    most = 0
    for path in pages:
        with CaptureQueriesContext(connection) as counted:
            get(client, path)
        most = max(most, len(counted))
        slow = p95([get(client, path) for _ in range(ROUNDS)])
        rows.append(Row(f"page {path}", slow * MS, "ms", 200))
    rows.sort(key=lambda row: -row.figure)
    return [*rows[:6], Row(f"queries of the page that asks most, of {len(pages)}", most, "", 40)]


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
