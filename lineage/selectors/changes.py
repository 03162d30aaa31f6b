"""What changed between two instants: versions, dependents, deployments and resolutions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.db.models import F, Q, QuerySet

from lineage.exceptions import BadWindow
from lineage.graph.csr import distinct
from lineage.graph.edges import dependency_edges
from lineage.models import Module, Requirement, Retirement, Version
from lineage.selectors.dependents import edges_into
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import Array, View, view_at

KINDS = ("versions", "dependents", "deployments", "resolutions")
PAIR = 32  # bits of a primary key in a pair of them


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a module, in words; ``before`` and ``after`` are versions or empty.

    ``what``: published, yanked, sunset or restored; gained, lost or moved. ``name`` is
    the version, the consumer module, the deployment's id or the range; ``consumer`` is
    the module that came or went as a dependent.
    """

    kind: str
    what: str
    module: Module
    name: str
    before: str
    after: str
    consumer: Module | None = None


@dataclass(frozen=True, slots=True)
class Changes(Slice[Change]):
    """A page of changes of one kind or all; ``counts`` has the number of each kind."""

    counts: dict[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A change by primary keys: 0 names nothing."""

    kind: str
    what: str
    module_id: int
    name: str = ""
    consumer_id: int = 0
    before_id: int = 0
    after_id: int = 0
    requirement_id: int = 0


def changes_between(
    first: datetime,
    last: datetime | None,
    *,
    now: datetime,
    module: Module | None = None,
    kind: str = "",
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Changes:
    """What differs at ``last``, now for None, from ``first``, of one module or all.

    Versions by the instants between; dependents, deployments and resolutions by what was
    so at both ends: what came and went in between is no change. Of a module, the
    deployments are its own and those of its direct consumers. Raises BadWindow where
    ``last`` comes before ``first``.
    """
    start, stop = bounds(page, size)
    until = last or now
    if first > until:
        raise BadWindow("It ends before it begins.")
    old, new = view_at(now, first), view_at(now, last)
    found = {
        "versions": list(_versions(first, until, module)),
        "dependents": list(_dependents(old, new, module)),
        "deployments": list(_deployments(old, new, module, first, until)),
        "resolutions": list(_resolutions(old, new, module)),
    }
    rows = [row for each in KINDS if kind in ("", each) for row in found[each]]
    return Changes(
        rows=_in_words(rows[start:stop]),
        total=len(rows),
        page=max(page, 1),
        size=stop - start,
        counts={each: len(found[each]) for each in KINDS},
        first=first,
        last=until,
    )


def _versions(first: datetime, last: datetime, module: Module | None) -> Iterator[_Found]:
    versions: QuerySet[Version] = Version.objects.all()
    retirements: QuerySet[Retirement] = Retirement.objects.all()
    if module is not None:
        versions = versions.filter(module=module)
        retirements = retirements.filter(version__module=module)
    sources: tuple[tuple[str, str, QuerySet[Version] | QuerySet[Retirement], str], ...] = (
        ("published", "published_at", versions, ""),
        ("yanked", "yanked_at", versions, ""),
        ("sunset", "sunset_at", retirements, "version__"),
        ("restored", "restored_at", retirements, "version__"),
    )
    for what, instant, rows, path in sources:
        between = rows.filter(**{f"{instant}__gt": first, f"{instant}__lte": last})
        named = between.order_by(instant, "id").values_list(f"{path}module_id", f"{path}version")
        for module_id, text in named:
            yield _Found("versions", what, module_id, text)


def _dependents(old: View, new: View, module: Module | None) -> Iterator[_Found]:
    before, after = _pairs(old, module), _pairs(new, module)
    for what, pairs in (
        ("gained", np.setdiff1d(after, before, assume_unique=True)),
        ("lost", np.setdiff1d(before, after, assume_unique=True)),
    ):
        for pair in pairs.tolist():
            provider, consumer = divmod(pair, 1 << PAIR)
            yield _Found("dependents", what, provider, consumer_id=consumer)


def _pairs(view: View, module: Module | None) -> Array:
    """Provider and consumer modules, as one number each; newest versions and those in use."""
    graph = view.graph
    edges = dependency_edges(graph, np.flatnonzero(view.is_current))
    provider = graph.module_ids[edges.target_module]
    consumer = graph.module_ids[graph.version_module[edges.source]]
    kept = provider != consumer
    if module is not None:
        kept &= provider == module.pk
    return distinct((provider[kept].astype(np.int64) << PAIR) | consumer[kept])


def _deployments(
    old: View, new: View, module: Module | None, first: datetime, last: datetime
) -> Iterator[_Found]:
    """By id: what ran then and does not later, the other way round, and another version.

    A deployment that was live at both ends is not even read.
    """
    # Tested row by row: a hub has more consumers than a query should name.
    consumers = None if module is None else _consumer_ids(old, new, module)
    own = None if module is None else module.pk
    before, after = (
        {
            key: (version_id, module_id)
            for key, version_id, module_id in view.live()
            .filter(came_or_went)
            .order_by()
            .values_list("key", "version_id", "version__module_id")
            if consumers is None or module_id == own or version_id in consumers
        }
        for view, came_or_went in (
            (old, Q(ended_at__lte=last)),
            (new, Q(started_at__gt=first)),
        )
    )
    for key in sorted(before.keys() | after.keys()):
        was, module_was = before.get(key, (0, 0))
        is_now, module_now = after.get(key, (0, 0))
        if was != is_now:
            what = "gained" if not was else "moved" if is_now else "lost"
            owner = module_now or module_was
            yield _Found("deployments", what, owner, key, before_id=was, after_id=is_now)


def _consumer_ids(old: View, new: View, module: Module) -> set[int]:
    ids = [view.graph.version_ids[edges_into(view, module).consumer] for view in (old, new)]
    return set(np.concatenate(ids).tolist())


def _resolutions(old: View, new: View, module: Module | None) -> Iterator[_Found]:
    """Ranges declared at both ends that took another version at the end than at the start."""
    old_ids, _, old_taken = _targets(old)
    ids, of_module, taken = _targets(new)
    is_both = np.isin(ids, old_ids, assume_unique=True)
    if module is not None:
        is_both &= of_module == module.pk
    order = np.argsort(old_ids)
    was = old_taken[order[np.searchsorted(old_ids, ids[is_both], sorter=order)]]
    rows = np.stack([of_module[is_both], was, taken[is_both], ids[is_both]], axis=1)
    for module_id, before, after, requirement in rows[was != taken[is_both]].tolist():
        yield _Found(
            "resolutions", "moved", module_id,
            before_id=before, after_id=after, requirement_id=requirement,
        )  # fmt: skip


def _targets(view: View) -> tuple[Array, Array, Array]:
    """Requirements declared by some version: id, module and what each takes, 0 for nothing."""
    graph = view.graph
    declared = np.flatnonzero(np.diff(graph.dependents_start) > 0)
    target = graph.requirement_target[declared]
    taken = np.zeros(len(declared), dtype=np.int64)
    taken[target >= 0] = graph.version_ids[target[target >= 0]]
    module = graph.module_ids[graph.requirement_module[declared]]
    return graph.requirement_ids[declared], module, taken


def _in_words(rows: list[_Found]) -> list[Change]:
    modules = Module.objects.select_related("owner").in_bulk(
        {pk for row in rows for pk in (row.module_id, row.consumer_id)}
    )
    wanted = {pk for row in rows for pk in (row.before_id, row.after_id)}
    texts = dict(Version.objects.filter(pk__in=wanted).values_list("id", F("version")))
    wanted = {row.requirement_id for row in rows}
    ranges = dict(Requirement.objects.filter(pk__in=wanted).values_list("id", "range"))
    found = []
    for row in rows:
        name = row.name or ranges.get(row.requirement_id, "")
        consumer = modules.get(row.consumer_id)
        name = consumer.name if consumer else name
        before, after = texts.get(row.before_id, ""), texts.get(row.after_id, "")
        module = modules[row.module_id]
        found.append(Change(row.kind, row.what, module, name, before, after, consumer))
    return found
