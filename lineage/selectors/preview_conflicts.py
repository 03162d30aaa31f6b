"""Conflicts a version would bring: trees that no longer fit together once it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from lineage.models import Module
from lineage.resolution.explain import sentences, shrunk
from lineage.resolution.joint import Joint, Limits, Outcome, search
from lineage.resolution.registry import Candidate, KnownVersion, ModuleName, Registry
from lineage.resolution.registry import Need as Needed
from lineage.selectors.registry import known_versions, name_of
from lineage.selectors.view import Array, View, version_rows
from lineage.versioning import CompiledRange, ParsedVersion, parse_range, scheme_for
from lineage.versioning.intervals import Cut, Interval

MOST_CHECKED = 20
MOST_STEPS = 1_500  # of all searches together; a large real tree takes some hundreds
MOST_SHRINKING = 1_500  # of all searches that shrink conflicts to what can be read
UNSHRUNK = "It no longer fits together; too much leads there to say in few sentences why."
PROPOSED = -2  # the id of a version that is not there yet


@dataclass(frozen=True, slots=True)
class Wish:
    """A runtime dependency of the proposed version."""

    module: Module
    range: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version that is not there yet."""

    module: Module
    version: ParsedVersion
    wishes: Sequence[Wish]


@dataclass(frozen=True, slots=True)
class TreeConflict:
    """A version whose tree cannot hold the proposed one, in sentences.

    Where it would take too long to find few, UNSHRUNK is the only one.
    """

    name: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """``own`` is what keeps the proposed version's own tree from fitting together.

    ``consumers`` are those of the ``checked`` that could be resolved jointly before and
    cannot with it; those whose searches met MOST_STEPS together are not among the
    ``checked``.
    ``checkable`` counts all that could have been.
    """

    own: tuple[str, ...]
    consumers: list[TreeConflict]
    checked: int
    checkable: int


def conflicts_of(view: View, proposal: Proposal, heads: Array) -> Checked:
    """Resolve its tree jointly, and those of the first ``heads``: newest versions that take it."""
    chosen = heads[:MOST_CHECKED].tolist()
    rows = version_rows(view, chosen)
    roots = {row.module.pk: row.module for row in rows.values()}
    roots |= {wish.module.pk: wish.module for wish in proposal.wishes}
    roots[proposal.module.pk] = proposal.module
    registry = _registry(view, proposal, list(roots.values()))
    new = _exactly(name_of(proposal.module), proposal.version)
    tell = _Telling(registry, MOST_SHRINKING)
    own = search([new], registry, limits=Limits(steps=MOST_STEPS))
    if own.outcome is Outcome.CONFLICT:
        return Checked(tell(own), [], 0, len(heads))
    found: list[TreeConflict] = []
    checked, steps = 0, MOST_STEPS - own.steps
    for node in chosen:
        if steps <= 0:
            break
        row = rows[node]
        name = name_of(row.module)
        consumer = _exactly(name, registry.parsed_by_id(name, row.pk))
        after = search([consumer, new], registry, limits=Limits(steps=steps))
        steps -= after.steps
        checked += after.outcome is not Outcome.STOPPED
        if after.outcome is Outcome.CONFLICT:
            before = search([consumer], registry)
            if before.outcome is Outcome.FOUND:
                found.append(TreeConflict(str(row), tell(after)))
    return Checked((), found, checked, len(heads))


class _Telling:
    """Conflicts in sentences, as long as the steps to shrink them last."""

    def __init__(self, registry: Registry, steps: int) -> None:
        self._registry = registry
        self._steps = steps

    def __call__(self, found: Joint) -> tuple[str, ...]:
        least = shrunk(found.tried, self._registry, steps=self._steps)
        self._steps -= least.steps
        if not least.is_minimal:
            return (UNSHRUNK,)
        return tuple(sentences(least.clauses, self._registry))


def _registry(view: View, proposal: Proposal, roots: list[Module]) -> Registry:
    """What is known, and the proposed version."""
    versions, needs = known_versions(view, roots)
    own = name_of(proposal.module)
    rows = [one for one in versions[own] if one.parsed.text != proposal.version.text]
    versions[own] = [*rows, KnownVersion(proposal.version, id=PROPOSED)]
    wished = [
        Needed(
            name_of(wish.module),
            parse_range(wish.range, scheme=scheme_for(wish.module.ecosystem).name),
        )
        for wish in proposal.wishes
    ]

    def needed(candidate: Candidate) -> list[Needed]:
        return wished if candidate.id == PROPOSED else needs(candidate)

    return Registry(versions, needed)


def _exactly(module: ModuleName, version: ParsedVersion) -> Needed:
    """That version and no other, not even one apart by its build alone."""
    interval = Interval(
        Cut(version.key, ()), Cut(version.key + b"\x00", ()), frozenset({version.release})
    )
    text = f"exactly {version.text}"
    return Needed(module, CompiledRange(text, (interval,), version.precedence))
