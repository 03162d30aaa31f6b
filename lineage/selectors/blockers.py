"""Blockers: who stands in the way of a removal, by name and by kind, a page at a time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lineage.graph.reach import dependents_reach
from lineage.lines import LineState, LineVerdict
from lineage.models import Deployment, Module
from lineage.selectors.live_groups import LiveGroup, running
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.range_facts import Subject
from lineage.selectors.view import Array, View, version_rows

LIVE, OBSERVED, UNDEPLOYED = "live_deployment", "observed_use", "newer_not_deployed"
HELD = "only_satisfiable_by"
KINDS = (LIVE, OBSERVED, UNDEPLOYED, HELD, "newest", "unvouched", "waiting")
MANY = 5_000
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Blocker:
    """A named thing that stands in the way.

    ``kind``: live_deployment; observed_use, where what a profile states leads there and
    its ranges do not; newer_not_deployed, where the consumer's newest version is free of it
    and another one runs; only_satisfiable_by; newest; unvouched; waiting.
    """

    kind: str
    name: str
    owner: str
    detail: str
    ecosystem: str = ""
    module: str = ""
    version: str = ""
    environment: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Blockers(Slice[Blocker]):
    """A page of them; ``kinds`` and ``owners`` count all, "" is nobody."""

    kinds: tuple[tuple[str, int], ...] = ()
    owners: tuple[tuple[str, int], ...] = ()


def blockers_of(
    view: View,
    subject: Subject,
    verdict: LineVerdict,
    *,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Blockers:
    """What the verdict rests on: deployments, production first, then what holds it by range."""
    start, stop = bounds(page, size)
    named = _state_blocker(subject, verdict)
    if named is not None:
        rows = [named][start:stop]
        return Blockers(rows, 1, max(page, 1), stop - start, ((named.kind, 1),), ())
    if verdict.state not in (LineState.IN_USE, LineState.HELD):
        return Blockers([], 0, max(page, 1), stop - start)
    kinds = kinds_of(view, subject)
    live = sum(group.live for group in subject.groups)
    held = np.flatnonzero(subject.fates.is_held)
    held = held[np.lexsort((
        -subject.fates.consumer[held],
        view.name_rank[view.graph.version_module[subject.fates.consumer[held]]],
    ))]  # fmt: skip
    rows = list(_users(view, subject.groups, kinds, start, stop)) if start < live else []
    rows += _holders(view, subject, held[max(start - live, 0) : max(stop - live, 0)])
    return Blockers(
        rows,
        live + len(held),
        max(page, 1),
        stop - start,
        _counts(subject.groups, kinds, len(held)),
        _owners(view, subject, held),
    )


def kinds_of(view: View, subject: Subject) -> list[str]:
    """The kind of each group: what is observed, then what a newer version is free of."""
    if not subject.groups:
        return []
    nodes = np.array([group.node for group in subject.groups])
    bound = np.zeros(view.graph.versions, dtype=bool)
    bound[dependents_reach(view.graph, subject.nodes).versions] = True
    bound[subject.nodes] = True
    newest = view.newest[view.graph.version_module[nodes]]
    is_free = (newest >= 0) & (newest != nodes) & ~bound[newest]
    found = []
    for group, free in zip(subject.groups, is_free.tolist(), strict=True):
        if group.resolves_to_it:
            found.append(UNDEPLOYED if free else LIVE)
        else:
            found.append(OBSERVED)
    return found


def _state_blocker(subject: Subject, verdict: LineVerdict) -> Blocker | None:
    facts = subject.facts
    match verdict.state:
        case LineState.NEWEST | LineState.WAITING:
            name = f"{facts.module} {facts.newest}"
            return Blocker(verdict.state.value, name, "", verdict.reason)
        case LineState.UNKNOWN:
            return Blocker("unvouched", facts.ecosystem, "", verdict.reason)
        case _:
            return None


def _counts(groups: list[LiveGroup], kinds: list[str], held: int) -> tuple[tuple[str, int], ...]:
    counts = Counter({HELD: held})
    for group, kind in zip(groups, kinds, strict=True):
        counts[kind] += group.live
    return tuple((kind, counts[kind]) for kind in KINDS if counts[kind])


def _owners(view: View, subject: Subject, held: Array) -> tuple[tuple[str, int], ...]:
    """Blockers per owner of the consumer, those with most first, nobody last."""
    graph = view.graph
    modules = [graph.version_module[[group.node for group in subject.groups]]]
    weights = [np.array([group.live for group in subject.groups], dtype=np.int64)]
    modules.append(graph.version_module[subject.fates.consumer[held]])
    weights.append(np.ones(len(held), dtype=np.int64))
    counts = np.bincount(
        np.concatenate(modules).astype(np.int64),
        np.concatenate(weights),
        minlength=len(graph.module_ids),
    )
    places = np.flatnonzero(counts)
    ids = [int(pk) for pk in graph.module_ids[places]]
    rows = Module.objects.exclude(owner=None).order_by()
    if len(ids) <= MANY:
        rows = rows.filter(id__in=ids)
    names = dict(rows.values_list("id", "owner__name"))
    owners: Counter[str] = Counter()
    for pk, place in zip(ids, places.tolist(), strict=True):
        owners[names.get(pk, "")] += int(counts[place])
    return tuple(sorted(owners.items(), key=lambda pair: (pair[0] == "", -pair[1], pair[0])))


def _users(
    view: View, groups: list[LiveGroup], kinds: list[str], start: int, stop: int
) -> Iterator[Blocker]:
    """The deployments of these groups from ``start`` to ``stop``, production first."""
    kind_of = {
        (group.version_id, group.profile_id): (group, kind)
        for group, kind in zip(groups, kinds, strict=True)
    }
    deployments = (
        Deployment.objects.live()
        .filter(running({group.version_id for group in groups}, ()))
        .order_by("-environment__tier", "key", "id")
        .values_list("id", "version_id", "profile_id")
    )
    using = (
        (pk, kind_of[version_id, profile_id])
        for pk, version_id, profile_id in deployments.iterator(CHUNK)
        if (version_id, profile_id) in kind_of
    )
    chosen = list(islice(using, start, stop))
    rows = (
        Deployment.objects.select_related("version__module__owner", "environment")
        .defer("version__metadata", "version__runtime", "metadata")
        .in_bulk([pk for pk, _ in chosen])
    )
    nodes = np.array([group.node for _, (group, _) in chosen], dtype=np.int64)
    newest = view.newest[view.graph.version_module[nodes]]
    texts = version_rows(view, newest)
    for (pk, (group, kind)), target in zip(chosen, newest.tolist(), strict=True):
        if pk in rows:
            newer = texts[target].version if target in texts else ""
            yield _user(rows[pk], group, kind, newer)


def _user(deployment: Deployment, group: LiveGroup, kind: str, newest: str) -> Blocker:
    module = deployment.version.module
    place = deployment.environment.name
    detail = f"runs {module.name} {deployment.version.version} in {place}"
    if kind == OBSERVED:
        detail += "; what was observed there leads to it, its ranges do not: redeploy it"
    elif kind == UNDEPLOYED:
        detail += f"; deploying {module.name} {newest} unblocks it"
    return Blocker(
        kind,
        deployment.key,
        module.owner.name if module.owner else "",
        detail,
        module.ecosystem,
        module.name,
        deployment.version.version,
        place,
        deployment.region,
    )


def _holders(view: View, subject: Subject, edges: Array) -> list[Blocker]:
    """Consumer versions whose requirement nothing but these versions satisfies."""
    fates = subject.fates
    rows = version_rows(view, fates.consumer[edges])
    found = []
    for edge in edges.tolist():
        version = rows.get(int(fates.consumer[edge]))
        text = fates.texts[int(fates.requirement[fates.edge[edge]])]
        if version is None:
            found.append(Blocker(HELD, "", "", f"declares {text}, and is gone since"))
            continue
        owner = version.module.owner
        found.append(
            Blocker(
                HELD,
                f"{version.module.name} {version.version}",
                owner.name if owner else "",
                f"declares {text}, which nothing but {subject.facts.line} satisfies",
                version.module.ecosystem,
                version.module.name,
                version.version,
            )
        )
    return found
