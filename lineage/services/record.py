"""The platform's whole life out of the database, as a replay is told it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from lineage.graph.arrays import PLACEHOLDER, Graph
from lineage.graph.csr import Array
from lineage.graph.line_facts import Words
from lineage.history.record import DeploymentRow, Record, microseconds
from lineage.history.resolutions import Change, Spans, Stated, resolutions
from lineage.ingest.known import batches
from lineage.models import (
    Deployment,
    DeploymentMark,
    Module,
    Requirement,
    Retirement,
    Version,
    Witness,
)
from lineage.selectors.deployments import usage_reported_since
from lineage.selectors.lines import module_names, version_texts, vouched_since
from lineage.services.graph_rows import Lookup
from lineage.services.past import first_instant
from lineage.services.resolve import stored_version
from lineage.services.snapshot import observed_profiles, refresh
from lineage.versioning import range_in

MODULES_AT_ONCE = 2_000
DEPLOYMENT = (
    "id", "key", "version_id", "version__module_id", "profile_id", "environment__name",
    "environment__tier", "region", "started_at", "ended_at", "expires_at", "source_id",
)  # fmt: skip


def read_record(now: datetime) -> Record:
    """Everything that is known to have happened up to ``now``; several queries.

    What was reported while it reads may be in it or not, as with any snapshot.
    """
    graph = refresh(now).graph
    node_of = Lookup(graph.version_ids)
    profiles, profile_of = observed_profiles(node_of)
    places = range(len(profiles.start) - 1)
    deployments = _deployments(profile_of)
    published, yanked = _instants(graph, node_of)
    retired = _retired(node_of)
    first = min((row.started_at for row in deployments), default=now)
    return Record(
        graph=graph,
        words=Words(module_names(), version_texts(), vouched_since()),
        published=published,
        placeholder=(graph.version_flags & PLACEHOLDER) != 0,
        yanked=yanked,
        retired=retired,
        changes=_changes(graph, published, yanked, retired, since=first, until=now),
        profiles=[
            tuple(n for n in profiles.version[slice(*profiles.start[p : p + 2])].tolist() if n >= 0)
            for p in places
        ],
        deployments=[row for row in deployments if node_of(np.array([row.version_id]))[0] >= 0],
        uses=_uses(),
        first_at=first_instant(),
        usage_since=usage_reported_since(),
    )


def _deployments(profile_of: dict[int | None, int]) -> list[DeploymentRow]:
    """Every deployment there ever was, by key and start."""
    witnesses: dict[int, set[int]] = defaultdict(set)
    for pk, source in Witness.objects.order_by().values_list("deployment_id", "source_id"):
        witnesses[pk].add(source)
    rows = Deployment.objects.order_by("key", "started_at").values_list(*DEPLOYMENT)
    found: list[DeploymentRow] = []
    following: dict[str, datetime] = {}
    for row in reversed(list(rows.iterator(10_000))):
        pk, key, version, module, profile, name, tier, region, start, end, expires, source = row
        sources = witnesses.get(pk, set()) | ({source} if source is not None else set())
        found.append(
            DeploymentRow(
                id=pk,
                key=key,
                version_id=version,
                module_id=module,
                profile=profile_of[profile],
                environment=name,
                tier=tier,
                region=region,
                started_at=start,
                ended_at=end,
                expires_at=expires,
                until=following.get(key),
                sources=tuple(sorted(sources)),
            )
        )
        following[key] = start
    return found


def _instants(graph: Graph, node_of: Lookup) -> tuple[Array, dict[int, int]]:
    """When each version was published, by node, and when those yanked were."""
    published = np.zeros(graph.versions, dtype=np.int64)
    stated = Version.objects.exclude(published_at=None).order_by()
    rows = list(stated.values_list("id", "published_at"))
    nodes = node_of(np.array([pk for pk, _ in rows], dtype=np.int64))
    numbers = np.array([microseconds(at) for _, at in rows if at is not None], dtype=np.int64)
    published[nodes[nodes >= 0]] = numbers[nodes >= 0]
    gone = list(Version.objects.exclude(yanked_at=None).order_by().values_list("id", "yanked_at"))
    nodes = node_of(np.array([pk for pk, _ in gone], dtype=np.int64))
    yanked = {
        int(node): microseconds(at)
        for node, (_, at) in zip(nodes, gone, strict=True)
        if node >= 0 and at is not None
    }
    return published, yanked


def _retired(node_of: Lookup) -> dict[int, Spans]:
    rows = list(
        Retirement.objects.order_by("version_id", "sunset_at").values_list(
            "version_id", "sunset_at", "restored_at"
        )
    )
    found: dict[int, Spans] = {}
    nodes = node_of(np.array([row[0] for row in rows], dtype=np.int64)).tolist()
    for node, (_, start, end) in zip(nodes, rows, strict=True):
        span = (microseconds(start), None if end is None else microseconds(end))
        if node >= 0:
            found[node] = (*found.get(node, ()), span)
    return found


def _changes(
    graph: Graph,
    published: Array,
    yanked: dict[int, int],
    retired: dict[int, Spans],
    *,
    since: datetime,
    until: datetime,
) -> list[Change]:
    """What every declared requirement resolved to at ``since``, and each change after."""
    node_of, place_of = Lookup(graph.version_ids), Lookup(graph.requirement_ids)
    wanted = graph.module_ids[np.unique(graph.requirement_module)].tolist()
    bounds = {"since": microseconds(since), "until": microseconds(until)}
    found: list[Change] = []
    for batch in batches(wanted, MODULES_AT_ONCE):
        ranges: dict[int, dict[int, str]] = defaultdict(dict)
        declared = Requirement.objects.filter(module_id__in=batch, is_locked=False).order_by()
        rows = list(declared.values_list("id", "module_id", "range"))
        places = place_of(np.array([row[0] for row in rows], dtype=np.int64)).tolist()
        for place, (_, module, text) in zip(places, rows, strict=True):
            if place >= 0:
                ranges[module][place] = text
        ecosystems = dict(Module.objects.filter(id__in=batch).values_list("id", "ecosystem"))
        for module, stated in _stated(batch, ecosystems, node_of, published, yanked, retired):
            compiled = {r: range_in(ecosystems[module], t) for r, t in ranges[module].items()}
            found += resolutions(stated, compiled, **bounds)
    return found


def _stated(
    module_ids: list[int],
    ecosystems: dict[int, str],
    node_of: Lookup,
    published: Array,
    yanked: dict[int, int],
    retired: dict[int, Spans],
) -> Iterator[tuple[int, list[Stated]]]:
    """Each module's versions with their instants."""
    found: dict[int, list[Stated]] = defaultdict(list)
    versions = Version.objects.filter(module_id__in=module_ids).order_by("module_id", "sort_key")
    rows = list(versions.values_list("id", "module_id", "version", "sort_key", "is_prerelease"))
    nodes = node_of(np.array([row[0] for row in rows], dtype=np.int64)).tolist()
    for node, (pk, module, text, key, is_pre) in zip(nodes, rows, strict=True):
        if node < 0:
            continue
        is_gone = node in yanked or node in retired
        parsed = stored_version(ecosystems[module], (pk, text, key, is_pre, is_gone)).parsed
        at = int(published[node]) or None
        found[module].append(Stated(node, parsed, at, yanked.get(node), retired.get(node, ())))
    yield from found.items()


def _uses() -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = defaultdict(list)
    used = DeploymentMark.objects.filter(kind=DeploymentMark.Kind.USED).order_by("key", "at")
    for key, at in used.values_list("key", "at").iterator(10_000):
        found[key].append(at)
    return dict(found)
