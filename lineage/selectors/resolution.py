"""Resolution of any set of ranges, declared by somebody or not, with why each version is taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lineage.exceptions import UnknownModule
from lineage.models import Module, Version
from lineage.resolution.explain import Conflict, explained, need_text, way_text
from lineage.resolution.joint import Outcome, search
from lineage.resolution.registry import Candidate, Clause, ModuleName, Need, Registry
from lineage.resolution.tree import Choice, Tree, joint_tree, newest_tree
from lineage.selectors.registry import name_of, registry_from
from lineage.selectors.view import view_at
from lineage.versioning import parse_range, scheme_for

STOPPED = "The search met its limit before it found an answer or a conflict."


class Strategy(StrEnum):
    """How ranges are turned into versions."""

    NEWEST = "newest"
    JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A range of a module."""

    module: Module
    range: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one wanted range resolves to, None for nothing."""

    module: Module
    range: str
    resolved: Version | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer to a set of wanted ranges.

    ``satisfiable`` is None where the search met a limit. ``sentences`` and ``clauses``
    say what stands against it; ``is_minimal``, that no clause of it could be left out.
    """

    strategy: Strategy
    satisfiable: bool | None
    results: list[Resolved]
    versions: list[Choice]
    sentences: list[str]
    clauses: list[Clause]
    is_minimal: bool
    epoch: int
    as_of: datetime | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the search met a limit before an answer."""
        return self.satisfiable is None


def modules_named(names: Collection[ModuleName]) -> dict[ModuleName, Module]:
    """The modules, by one query; raises UnknownModule for the first that is not there."""
    wanted = dict.fromkeys(names)
    rows = Module.objects.filter(name__in={name for _, name in wanted}).order_by()
    found = {name_of(module): module for module in rows}
    for ecosystem, name in wanted:
        if (ecosystem, name) not in found:
            raise UnknownModule(ecosystem, name)
    return {pair: found[pair] for pair in wanted}


def resolution_of(
    wanted: Sequence[Wanted],
    *,
    strategy: Strategy,
    now: datetime,
    as_of: datetime | None = None,
) -> Resolution:
    """Resolve the ranges with all that they lead to, now or as of then; raises InvalidRange.

    Declared runtime dependencies are followed; what an SBOM locked was declared by nobody
    and is not.
    """
    view = view_at(now, as_of)
    needs = [
        Need(name_of(w.module), parse_range(w.range, scheme=scheme_for(w.module.ecosystem).name))
        for w in wanted
    ]
    registry = registry_from(view, [one.module for one in wanted])
    taken = _newest if strategy is Strategy.NEWEST else _joint
    satisfiable, tree, conflict = taken(needs, registry)
    return Resolution(
        strategy=strategy,
        satisfiable=satisfiable,
        results=_results(wanted, needs, tree),
        versions=list(tree.choices),
        sentences=list(conflict.sentences),
        clauses=list(conflict.clauses),
        is_minimal=conflict.is_minimal,
        epoch=view.snapshot.epoch,
        as_of=None if view.past is None else view.past.at,
    )


Answer = tuple[bool | None, Tree, Conflict]


def _newest(needs: Sequence[Need], registry: Registry) -> Answer:
    tree = newest_tree(needs, registry)
    clauses = tuple(dict.fromkeys(clause for chain in tree.unmet for clause in chain))
    sentences = tuple(dict.fromkeys(_unmet_text(chain) for chain in tree.unmet))
    return not tree.unmet, tree, Conflict(clauses, sentences, is_minimal=True)


def _unmet_text(chain: Sequence[Clause]) -> str:
    last = chain[-1]
    if last.consumer is None:
        return f"No version satisfies {need_text(last.need)}."
    way = way_text(clause.consumer for clause in chain[1:-1] if clause.consumer)
    consumer = f"{last.consumer.module[1]} {last.consumer.text}"
    return f"{way}{consumer} needs {need_text(last.need)}, which no version satisfies."


def _joint(needs: Sequence[Need], registry: Registry) -> Answer:
    found = search(needs, registry)
    nothing = Conflict((), (), is_minimal=True)
    if found.outcome is Outcome.FOUND:
        return True, joint_tree(needs, registry, found.chosen), nothing
    if found.outcome is Outcome.STOPPED:
        return None, Tree((), ()), Conflict((), (STOPPED,), is_minimal=False)
    return False, Tree((), ()), explained(found, registry)


def _results(wanted: Sequence[Wanted], needs: Sequence[Need], tree: Tree) -> list[Resolved]:
    taken: dict[Need, Candidate] = {}
    for choice in tree.choices:
        for clause in choice.asked_by:
            if clause.consumer is None:
                taken[clause.need] = choice.candidate
    rows = Version.objects.in_bulk([candidate.id for candidate in taken.values()])
    return [
        Resolved(one.module, one.range, rows.get(taken[need].id) if need in taken else None)
        for one, need in zip(wanted, needs, strict=True)
    ]
