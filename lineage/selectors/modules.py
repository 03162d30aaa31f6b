"""Modules: the list, one by name, and what a page says at its head."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Exists, OuterRef, Q, QuerySet

from lineage.exceptions import InvalidPurl, UnknownModule
from lineage.models import Module, Version
from lineage.purls import is_purl, module_name, read_purl
from lineage.selectors.cycles import cycle_size
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import Array, View, current_view, version_rows, view_at
from lineage.versioning import spellings

SORTS = ("name", "-live", "-dependents", "-versions", "-blast", "blast")


@dataclass(frozen=True, slots=True)
class ModuleFilter:
    """Empty fields filter nothing; ``owner`` is a team's name, ``-`` for the ownerless.

    ``q`` is words of the name or a purl, ``purl`` one that is meant to be no other thing.
    """

    q: str = ""
    kind: str = ""
    owner: str = ""
    ecosystem: str = ""
    purl: str = ""
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module with its counts; live deployments and dependents are distinct.

    Its blast radius is ``live_prod`` + ``live_preprod``, what runs and reaches it, and
    ``reach``, the other modules of which a current version depends on it at any remove.
    """

    module: Module
    versions: int
    newest: Version | None
    live_prod: int
    live_preprod: int
    dependents: int
    reach: int


@dataclass(frozen=True, slots=True)
class ModuleSummary:
    """The head of a module's page; ``reach`` as in ModuleRow.

    ``cycle`` is the number of modules of the cycle it is part of, 0 if of none.
    """

    module: Module
    versions: int
    newest: Version | None
    newest_major: str
    newest_major_share: float | None  # of its live deployments, None if there are none
    consumers: int
    live_prod: int
    live_preprod: int
    reach: int
    cycle: int
    epoch: int


def module_named(ecosystem: str, name: str) -> Module:
    """The module, in whatever spelling its ecosystem allows; raises UnknownModule."""
    modules = Module.objects.select_related("owner").filter(ecosystem=ecosystem)
    module = modules.filter(name=name).first()
    folded = module_name(ecosystem, name)
    if module is None and folded != name:
        module = modules.filter(name=folded).first()
    if module is None:
        raise UnknownModule(ecosystem, name)
    return module


def modules_matching(filter: ModuleFilter) -> "QuerySet[Module]":
    """The modules a filter lets through, by name; raises InvalidPurl where ``purl`` is none."""
    modules = Module.objects.select_related("owner").order_by("name", "ecosystem")
    words = filter.q.split()
    if filter.purl:
        modules = _named_by(modules, filter.purl)
    if is_purl(filter.q):
        with suppress(InvalidPurl):
            modules, words = _named_by(modules, filter.q), []
    for word in words:
        modules = modules.filter(Q(name__icontains=word))
    if filter.kind:
        modules = modules.filter(kind=filter.kind)
    if filter.ecosystem:
        modules = modules.filter(ecosystem=filter.ecosystem)
    if filter.owner:
        owner = None if filter.owner == "-" else filter.owner
        modules = modules.filter(owner__name=owner) if owner else modules.filter(owner=None)
    return modules


def _named_by(modules: "QuerySet[Module]", purl: str) -> "QuerySet[Module]":
    """The module a purl names, if it has the version the purl names, if it names one."""
    named = read_purl(purl)
    names = {named.module, module_name(named.ecosystem, named.module)}
    found = modules.filter(ecosystem=named.ecosystem, name__in=names)
    if not named.version:
        return found
    texts = spellings(named.ecosystem, named.version)
    versions = Version.objects.filter(module=OuterRef("pk"), version__in=texts)
    return found.filter(Exists(versions))


def module_list(
    filter: ModuleFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[ModuleRow]:
    """Modules with their counts; ties in a sort by count go by name."""
    view = current_view(now)
    start, stop = bounds(page, size)
    ids = list(modules_matching(filter).values_list("id", flat=True))
    indexes = view.module_indexes(ids)
    if filter.sort in SORTS and filter.sort != "name":
        weights = [np.where(indexes >= 0, w[indexes], 0) for w in _weights(view, filter.sort)]
        sign = -1 if filter.sort.startswith("-") else 1
        order = np.lexsort([sign * weight for weight in reversed(weights)])[start:stop]
        chosen = [ids[place] for place in order]
    else:
        chosen = ids[start:stop]
    rows = Module.objects.select_related("owner").in_bulk(chosen)
    return Slice(_rows(view, [rows[pk] for pk in chosen]), len(ids), max(page, 1), stop - start)


def module_summary(module: Module, *, now: datetime) -> ModuleSummary:
    """What the head of a module's page says."""
    view = current_view(now)
    row = _rows(view, [module])[0]
    index = view.module_index(module.pk)
    share = None
    if index is not None and row.newest is not None and row.live_prod + row.live_preprod:
        major = view.graph.version_major[view.newest[index]]
        share = float(view.usage.major_live[major].sum() / (row.live_prod + row.live_preprod))
    return ModuleSummary(
        module=module,
        versions=row.versions,
        newest=row.newest,
        newest_major=row.newest.major_line if row.newest else "",
        newest_major_share=share,
        consumers=row.dependents,
        live_prod=row.live_prod,
        live_preprod=row.live_preprod,
        reach=row.reach,
        cycle=cycle_size(view, module.pk),
        epoch=view.snapshot.epoch,
    )


def newest_version(
    module: Module, *, now: datetime, as_of: datetime | None = None
) -> Version | None:
    """The module's newest version, now or as of then; None if it has none."""
    view = view_at(now, as_of)
    index = view.module_index(module.pk)
    node = -1 if index is None else int(view.newest[index])
    return version_rows(view, [node]).get(node)


def _weights(view: View, sort: str) -> list[Array]:
    """What to sort modules by, and what settles ties."""
    usage = view.usage
    live: Array = usage.module_live.sum(axis=1)
    match sort.removeprefix("-"):
        case "live":
            return [live]
        case "dependents":
            return [usage.dependents_modules]
        case "blast":
            return [live, usage.reaching_modules]
        case _:
            return [np.diff(view.graph.module_start)]


def _rows(view: View, modules: list[Module]) -> list[ModuleRow]:
    indexes = view.module_indexes([module.pk for module in modules])
    newest = {int(index): int(view.newest[index]) for index in indexes if index >= 0}
    versions = version_rows(view, newest.values())
    rows = []
    for module, index in zip(modules, map(int, indexes), strict=True):
        if index < 0:
            rows.append(ModuleRow(module, 0, None, 0, 0, 0, 0))
            continue
        prod, preprod = map(int, view.usage.module_live[index])
        count = int(view.graph.module_start[index + 1] - view.graph.module_start[index])
        dependents = int(view.usage.dependents_modules[index])
        newest_version = versions.get(newest[index])
        reach = int(view.usage.reaching_modules[index])
        rows.append(ModuleRow(module, count, newest_version, prod, preprod, dependents, reach))
    return rows
