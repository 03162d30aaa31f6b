"""Naming smells: modules whose names look like versions of one, over a whole registry."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from lineage.graph.snapshot import Snapshot
from lineage.models import Module
from lineage.naming import Smell, smells_in
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds
from lineage.selectors.view import View, current_view

MEMBERS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class SmellMember:
    """A module of a smell and the line its name stands for, empty if it has no number."""

    module: Module
    line: str


@dataclass(frozen=True, slots=True)
class SmellRow:
    """A smell with its modules, at most MEMBERS_SHOWN of ``total``, the oldest first."""

    ecosystem: str
    stem: str
    sentence: str
    members: tuple[SmellMember, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """The smells of one snapshot in order, and the one each module is in."""

    snapshot: Snapshot
    smells: tuple[tuple[str, Smell], ...]
    of_module: dict[tuple[str, str], Smell]


# One entry, in a dict because threads swap it (see lineage.selectors.view).
_kept: dict[str, Found] = {}


def smell_list(
    *, now: datetime, ecosystem: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[SmellRow]:
    """The smells, by ecosystem and stem."""
    start, stop = bounds(page, size)
    found = [pair for pair in _found(current_view(now)).smells if ecosystem in ("", pair[0])]
    shown = found[start:stop]
    names = {member.name for _, smell in shown for member in smell.members[:MEMBERS_SHOWN]}
    rows = Module.objects.select_related("owner").filter(name__in=names).order_by()
    modules = {(row.ecosystem, row.name): row for row in rows}
    return Slice(
        [_row(name, smell, modules) for name, smell in shown], len(found), max(page, 1),
        stop - start,
    )  # fmt: skip


def smell_of(module: Module, *, now: datetime) -> Smell | None:
    """What the name of a module has in common with others, if it smells."""
    return _found(current_view(now)).of_module.get((module.ecosystem, module.name))


def _row(ecosystem: str, smell: Smell, modules: dict[tuple[str, str], Module]) -> SmellRow:
    members = tuple(
        SmellMember(modules[ecosystem, member.name], member.line)
        for member in smell.members[:MEMBERS_SHOWN]
    )
    return SmellRow(ecosystem, smell.stem, smell.sentence, members, len(smell.members))


def _found(view: View) -> Found:
    kept = _kept.get("found")
    if kept is not None and kept.snapshot is view.snapshot:
        return kept
    names: dict[str, list[str]] = defaultdict(list)
    for ecosystem, name in Module.objects.order_by().values_list("ecosystem", "name"):
        names[ecosystem].append(name)
    smells = tuple(
        (ecosystem, smell) for ecosystem in sorted(names) for smell in smells_in(names[ecosystem])
    )
    of_module: dict[tuple[str, str], Smell] = {}
    for ecosystem, smell in smells:
        for member in smell.members:
            of_module.setdefault((ecosystem, member.name), smell)
    found = _kept["found"] = Found(view.snapshot, smells, of_module)
    return found
