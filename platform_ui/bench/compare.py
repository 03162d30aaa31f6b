"""Sundial's answers beside the plain ones: every difference by name."""

import gzip
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from django.utils import timezone

from lineage.lines import judge
from lineage.models import Coverage, Module, Version
from lineage.selectors.dependents import reach_of
from lineage.selectors.lines import line_facts
from lineage.selectors.live_groups import live_groups
from lineage.selectors.requirements import ranges_of
from lineage.selectors.view import View, current_view, view_at
from platform_ui.bench.plain import Name, PlainPlatform, Record, instant, major_of
from platform_ui.bench.rows import Row

UNUSED_FOR = timedelta(days=30)
HUBS = 20
DEPLOYMENTS = 3_000
DEPLOYED_UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
MOST_NAMED = 20
FREE = {"waiting": "waiting or unused", "unused": "waiting or unused"}


@dataclass(slots=True)
class Comparison:
    """How many answers were compared, by question, and the first differences in words."""

    asked: dict[str, int] = field(default_factory=dict)
    different: int = 0
    named: list[str] = field(default_factory=list)

    def same(self, question: str, about: str, ours: Any, plain: Any) -> None:
        """Count one answer."""
        self.asked[question] = self.asked.get(question, 0) + 1
        if ours != plain:
            self.different += 1
            if len(self.named) < MOST_NAMED:
                self.named.append(f"{question} of {about}: {ours} and not {plain}"[:300])


def compare_rows(registry: Path, *, modules: int) -> list[Row]:
    """The registry, with the deployments of ``write_deployments``, has been taken in."""
    now = timezone.now()
    versions = _lines(registry)
    records = [*versions, *_deployments(versions)]
    as_of = DEPLOYED_UNTIL - timedelta(days=180)
    found = compared(records, now=now, as_of=as_of, modules=modules, hubs=HUBS)
    for words in found.named:
        sys.stderr.write(f"{words}\n")
    asked = sum(found.asked.values())
    work = f"of {asked:,} answers about {modules} modules and {HUBS} hubs, wrong ones"
    return [Row(work, found.different, "", 0)]


def write_deployments(registry: Path, path: Path) -> None:
    """Write simulated deployments of a registry's versions as records, always the same."""
    with path.open("wb") as file:
        for record in _deployments(_lines(registry)):
            file.write(msgspec.json.encode(record) + b"\n")


def compared(
    records: Sequence[Record], *, now: datetime, as_of: datetime, modules: int, hubs: int
) -> Comparison:
    """Ask about the hubs and random modules, today and as of a past instant.

    The records, versions and deployments of one ecosystem, have been taken in and make
    up all of it.
    """
    comparison = Comparison()
    view = current_view(now)
    chosen = _chosen(view, modules, hubs)
    today = PlainPlatform(records, at=now)
    for module in chosen:
        _lineage(comparison, view, today, module, "")
    _removals(comparison, view, today, chosen, now)
    then = PlainPlatform(records, at=as_of)
    past = view_at(now, as_of)
    for module in chosen:
        _lineage(comparison, past, then, module, f" as of {as_of:%Y-%m-%d}")
    return comparison


def simulated_deployments(
    versions: Sequence[Record], *, count: int, seed: int, until: datetime
) -> list[Record]:
    """Deployments of random versions over the year before, a few with versions observed."""
    rng = random.Random(seed)  # noqa: S311 - simulates
    published = {(record["module"], record["version"]) for record in versions}
    names = sorted(published)
    made: list[Record] = []
    for number in range(count):
        record = rng.choice(versions)
        started = until - timedelta(days=rng.randint(1, 365), seconds=rng.randint(0, 80_000))
        started = max(started, instant(record.get("published_at", "2000-01-01")))
        tier = rng.choice(["prod", "preprod"])
        made.append({
            "type": "deployment", "id": f"simulated/{number}", "module": record["module"],
            "version": record["version"], "environment": tier, "tier": tier,
            "started_at": started.isoformat(),
        } | _ended(rng, started, until) | _observed(rng, record, names))  # fmt: skip
    return made


def _lines(registry: Path) -> list[Record]:
    opened = gzip.open if registry.suffix == ".gz" else open
    with opened(registry, "rb") as file:
        return [msgspec.json.decode(line) for line in file]


def _deployments(versions: Sequence[Record]) -> list[Record]:
    """Of versions there already were: none starts before its publication."""
    known = [r for r in versions if instant(r.get("published_at", "2000-01-01")) < DEPLOYED_UNTIL]
    return simulated_deployments(known, count=DEPLOYMENTS, seed=1, until=DEPLOYED_UNTIL)


def _ended(rng: random.Random, started: datetime, until: datetime) -> dict[str, str]:
    if rng.random() < 0.5:
        return {}
    return {"ended_at": (started + (until - started) * rng.random()).isoformat()}


def _observed(
    rng: random.Random, record: Record, names: Sequence[Name]
) -> dict[str, dict[str, str]]:
    """Any version of what it depends on, or of anything: a run time may hold surprises."""
    if rng.random() < 0.8:
        return {}
    wanted = {dependency["module"] for dependency in record.get("dependencies", ())}
    some = [rng.choice(names) for _ in range(2)]
    near = [name for name in rng.sample(names, min(len(names), 2_000)) if name[0] in wanted]
    return {"resolved": dict([*some, *near[:2]])}


def _chosen(view: View, modules: int, hubs: int) -> list[Module]:
    graph = view.graph
    most = np.argsort(-view.usage.dependents_modules, kind="stable")[:hubs]
    rng = random.Random(1)  # noqa: S311 - samples
    others = rng.sample(range(len(graph.module_ids)), min(modules, len(graph.module_ids)))
    ids = {int(graph.module_ids[index]) for index in (*most.tolist(), *others)}
    return list(Module.objects.filter(id__in=ids).order_by("name"))


def _lineage(
    comparison: Comparison, view: View, plain: PlainPlatform, module: Module, when: str
) -> None:
    nodes = view.versions_of(module.pk)
    texts = _texts(view.graph.version_ids[nodes])
    for range, resolved in _resolutions(view, module):
        comparison.same(
            f"resolution{when}", f"{module} {range}", resolved, plain.resolve(module.name, range)
        )
    comparison.same(
        f"transitive dependents{when}", module.name,
        _reached(view, module), plain.dependents(module.name),
    )  # fmt: skip
    live = view.usage.version_live[nodes].tolist()
    ours = {
        (module.name, texts[int(pk)]): (prod, preprod)
        for pk, (prod, preprod) in zip(view.graph.version_ids[nodes], live, strict=True)
        if prod or preprod
    }
    usage = {name: counts for name, counts in plain.usage.items() if name[0] == module.name}
    comparison.same(f"usage{when}", module.name, ours, usage)


def _resolutions(view: View, module: Module) -> Iterator[tuple[str, str | None]]:
    graph = view.graph
    index = view.module_index(module.pk)
    if index is None:
        return
    requirements = np.arange(graph.requirement_start[index], graph.requirement_start[index + 1])
    targets = graph.requirement_target[requirements]
    texts = _texts(graph.version_ids[targets[targets >= 0]])
    ranges = ranges_of(view, requirements)
    for requirement, target in zip(requirements.tolist(), targets.tolist(), strict=True):
        found = texts[int(graph.version_ids[target])] if target >= 0 else None
        yield ranges[requirement], found


def _reached(view: View, module: Module) -> set[Name]:
    reach = reach_of(view, module)
    ids = view.graph.version_ids[reach.versions]
    found: set[Name] = set()
    for start in range(0, len(ids), 5_000):
        rows = Version.objects.filter(id__in=ids[start : start + 5_000].tolist()).order_by()
        found.update(rows.values_list("module__name", "version"))
    return {name for name in found if name[0] != module.name}


def _texts(ids: Iterable[Any]) -> dict[int, str]:
    wanted = [int(pk) for pk in ids]
    return dict(Version.objects.filter(id__in=wanted).order_by().values_list("id", "version"))


def _removals(
    comparison: Comparison,
    view: View,
    plain: PlainPlatform,
    modules: Sequence[Module],
    now: datetime,
) -> None:
    """The decision that page, API, command and sweep share."""
    vouched = Coverage.objects.order_by("since").values_list("since", flat=True)[0]
    names = {module.pk: module.name for module in modules}
    for facts in line_facts(now=now, module_ids=list(names), published_within=UNUSED_FOR):
        if facts.level != "major":
            continue
        name, major = names[facts.module_id], major_of(facts.line.removesuffix(".x"))
        state = judge(facts, now=now, unused_for=UNUSED_FOR).state.value
        plainly = plain.line_state(name, major, unused_for=UNUSED_FOR, vouched=vouched)
        if facts.last_used_at is not None:
            # How long ago it was used decides between these two, and is asked elsewhere.
            state, plainly = FREE.get(state, state), FREE.get(plainly, plainly)
        comparison.same("removal", f"{name} {facts.line}", state, plainly)
        if facts.is_in_use:
            groups = live_groups(view, view.node_of(facts.version_ids))
            in_the_way = sum(group.live for group in groups)
            plain_ones = plain.live_on(name, major)
            comparison.same("in the way", f"{name} {facts.line}", in_the_way, plain_ones)
