"""What a version that is not there yet would depend on, and what those would resolve to."""

from collections.abc import Sequence
from dataclasses import dataclass

from lineage.graph.preview import NEW
from lineage.models import Module
from lineage.resolution.newest import ModuleVersions
from lineage.selectors.view import View
from lineage.services.resolve import versions_of
from lineage.versioning import ParsedVersion, parse_range, scheme_for


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency of the version to be published; scope runtime counts, others are shown."""

    ecosystem: str
    module: str
    range: str
    scope: str = "runtime"


@dataclass(frozen=True, slots=True)
class Settled:
    """What one of its own dependencies would resolve to, and what is wrong with that."""

    need: Need
    module: Module | None
    resolved: str | None
    problem: str


def settled_needs(
    view: View, module: Module, parsed: ParsedVersion, needs: Sequence[Need]
) -> tuple[list[Settled], list[int], list[int]]:
    """Its dependencies, and of the runtime ones the nodes they resolve to and their modules."""
    rows = Module.objects.filter(name__in={need.module for need in needs}).order_by()
    modules = {(row.ecosystem, row.name): row for row in rows}
    stored = versions_of([row.pk for row in modules.values()] + [module.pk])
    settled: list[Settled] = []
    nodes: list[int] = []
    indexes: list[int] = []
    for need in dict.fromkeys(needs):
        compiled = parse_range(need.range, scheme=scheme_for(need.ecosystem).name)
        found = modules.get((need.ecosystem, need.module))
        if found is None:
            settled.append(Settled(need, None, None, f"Nobody published {need.module}."))
            continue
        own = found.pk == module.pk
        known = [r for r in stored.get(found.pk, []) if not own or r.parsed.text != parsed.text]
        texts = [row.parsed for row in known] + ([parsed] if own else [])
        gone = [row.is_withdrawn for row in known] + ([False] if own else [])
        best = ModuleVersions(texts, gone).newest(compiled)
        settled.append(_judged(need, found, None if best is None else texts[best].text,
                               is_gone=best is not None and gone[best]))  # fmt: skip
        if need.scope == "runtime":
            index = view.module_index(found.pk)
            indexes += [] if index is None else [index]
            if best is not None:
                ids = [known[best].id] if best < len(known) else []
                nodes += [int(node) for node in view.node_of(ids) if node >= 0] if ids else [NEW]
    return settled, nodes, indexes


def _judged(need: Need, module: Module, text: str | None, *, is_gone: bool) -> Settled:
    problem = ""
    if text is None:
        problem = f"No version of {module.name} satisfies {need.range or '*'}."
    elif is_gone:
        problem = f"{module.name} {text} is withdrawn."
    return Settled(need, module, text, problem)
