"""A real registry, resolved and searched again by other means than ours."""

import gzip
import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any

import nodesemver
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lineage.models import Dependency, Module, Requirement, Version
from lineage.selectors.dependents import (
    DependentFilter,
    direct_dependents,
    reach_of,
    transitive_dependents,
)
from lineage.selectors.view import current_view
from lineage.services.resolve import resolve_modules
from tests.factories.platform import NOW, lines_of, platform, take_in
from tests.shared_data import shared_path

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PATH = "data/registry/julia-subset.ndjson.gz"
Resolved = dict[tuple[str, str], str | None]


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    with gzip.open(shared_path(PATH)) as packed:
        return [json.loads(line) for line in packed]


@pytest.fixture
def few(lines: list[dict[str, Any]]) -> None:
    """The first modules of the registry, by name."""
    take_in(lines_of(lines[:4_000]))


def resolutions() -> Resolved:
    rows = Requirement.objects.values_list(
        "module__name", "range", "resolved_version__version"
    ).order_by()
    return {(name, range): found for name, range, found in rows}


def declared(lines: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str, int]]:
    """Every (module, version, dependency, range, scope) the lines state."""
    for line in lines:
        for scope, key in enumerate(("dependencies", "optional_dependencies")):
            for dependency in line.get(key, ()):
                edge = (dependency["module"], dependency["range"], scope)
                yield line["module"], line["version"], *edge


def test_a_registry_is_there_whole_and_answers_as_other_means_do(lines) -> None:
    outcome = take_in(shared_path(PATH).read_bytes())
    assert (outcome.created, outcome.rejected, outcome.conflicts) == (36_525, 0, 0)
    every_row_is_there(lines)
    every_range_resolves_as_node_semver_resolves_it(lines)
    plain_searches_find_the_same_dependents()


def every_row_is_there(lines: list[dict[str, Any]]) -> None:
    assert Module.objects.count() == 1_224
    assert not Module.objects.filter(is_placeholder=True).exists()
    stated = {(line["module"], line["version"]) for line in lines}
    assert set(Version.objects.values_list("module__name", "version")) == stated
    yanked = {(line["module"], line["version"]) for line in lines if line.get("yanked")}
    found = Version.objects.exclude(yanked_at=None).values_list("module__name", "version")
    assert set(found) == yanked
    published = dict(
        Version.objects.filter(module__name="JSON").values_list("version", "published_at")
    )
    for line in lines:
        if line["module"] == "JSON" and "published_at" in line:
            day = datetime.fromisoformat(line["published_at"]).replace(tzinfo=UTC)
            assert published[line["version"]] == day
    edges = Dependency.objects.order_by().values_list(
        "version__module__name", "version__version", "requirement__module__name",
        "requirement__range", "scope",
    )  # fmt: skip
    assert Counter(edges.iterator()) == Counter(set(declared(lines)))
    assert Dependency.objects.filter(scope=0).count() == 284_837


def every_range_resolves_as_node_semver_resolves_it(lines: list[dict[str, Any]]) -> None:
    versions: dict[str, list[tuple[Any, bool]]] = defaultdict(list)
    for line in lines:
        parsed = nodesemver.make_semver(line["version"], False)
        versions[line["module"]].append((parsed, bool(line.get("yanked"))))
    for rows in versions.values():
        rows.sort(key=cmp_to_key(lambda a, b: b[0].compare(a[0])))
    found = resolutions()
    assert len(found) == 10_132
    expected = {(name, range): greatest(versions[name], range) for name, range in found}
    # Builds of one version are equal to node-semver.
    plain = {key: text and text.partition("+")[0] for key, text in found.items()}
    assert plain == expected


def greatest(versions: list[tuple[Any, bool]], range: str) -> str | None:
    """The first in the range; of yanked ones only what an exact version asks for."""
    wanted = nodesemver.make_range(range, False)
    is_exact = re.fullmatch(r"=?\d+\.\d+\.\d+", range) is not None
    for takes_yanked in (False, True)[: 1 + is_exact]:
        for version, is_yanked in versions:
            if is_yanked == takes_yanked and wanted.test(version):
                return str(version.version).partition("+")[0]
    return None


def test_a_publish_moves_the_requirements_on_that_module_and_no_others(few) -> None:
    before = resolutions()
    with CaptureQueriesContext(connection) as queries:
        platform("Adapt 4.999.0", "Adapt 2.999.0", "Nobody 1.0.0")
    after = resolutions()
    moved = {requirement for requirement in before if before[requirement] != after[requirement]}
    assert moved
    assert {name for name, _ in moved} == {"Adapt"}
    assert {after[requirement] for requirement in moved} == {"4.999.0", "2.999.0"}
    rewritten = [q["sql"] for q in queries if q["sql"].find('UPDATE "lineage_requirement"') >= 0]
    assert len(rewritten) == 1
    assert rewritten[0].startswith(f"{len(moved)} times")
    assert resolve_modules(Module.objects.values_list("id", flat=True)) == 0
    assert resolutions() == after


def test_a_resolution_lost_altogether_is_found_again(few) -> None:
    before = resolutions()
    Requirement.objects.update(resolved_version=None, lowest_version=None)
    moved = resolve_modules(Module.objects.values_list("id", flat=True))
    assert moved == sum(found is not None for found in before.values())
    assert resolutions() == before


def plain_searches_find_the_same_dependents() -> None:
    """Of the twenty modules that most others depend on."""
    consumers: dict[int, set[int]] = defaultdict(set)
    depended: dict[int, set[int]] = defaultdict(set)
    module_of = dict(Version.objects.values_list("id", "module_id").order_by())
    edges = Dependency.objects.filter(scope=0).exclude(requirement__resolved_version=None)
    for source, target in edges.order_by().values_list(
        "version_id", "requirement__resolved_version_id"
    ):
        consumers[target].add(source)
        depended[module_of[target]].add(module_of[source])
    most = sorted(depended, key=lambda pk: (-len(depended[pk]), pk))[:20]
    view = current_view(NOW)
    for module in Module.objects.filter(pk__in=most):
        hops = search(consumers, [pk for pk, owner in module_of.items() if owner == module.pk])
        reach = reach_of(view, module)
        ours = dict(
            zip(view.graph.version_ids[reach.versions].tolist(), reach.hops.tolist(), strict=True)
        )
        assert ours == hops
        least: dict[int, int] = {}
        for pk, distance in hops.items():
            owner = module_of[pk]
            least[owner] = min(distance, least.get(owner, distance))
        least.pop(module.pk, None)
        page = transitive_dependents(module, DependentFilter(include="all"), now=NOW, size=200)
        others = [pk for pk in hops if module_of[pk] != module.pk]
        assert (page.total, page.versions) == (len(least), len(others))
        assert {row.module.pk: row.hops for row in page.rows}.items() <= least.items()
        assert len(page.rows) == min(page.total, 200)


def search(consumers: dict[int, set[int]], roots: list[int]) -> dict[int, int]:
    """Breadth first: who reaches the roots, and in how many steps at the least."""
    hops = dict.fromkeys(roots, 0)
    waiting = deque(roots)
    while waiting:
        here = waiting.popleft()
        for consumer in consumers.get(here, ()):
            if consumer not in hops:
                hops[consumer] = hops[here] + 1
                waiting.append(consumer)
    return {pk: distance for pk, distance in hops.items() if distance}


def test_a_registry_as_of_a_day_is_the_registry_of_that_day(lines) -> None:
    day = datetime(2021, 6, 1, 23, 59, 59, tzinfo=UTC)
    came_later = [line for line in lines if line.get("published_at", "") > f"{day:%Y-%m-%dT99}"]
    there = [line for line in lines if line.get("published_at", "") <= f"{day:%Y-%m-%dT99}"]
    assert len(came_later) > len(lines) // 4
    take_in(lines_of(there))
    hubs = Counter(name for _, _, name, _, _ in declared(there)).most_common(8)
    hubs += [(name, 0) for name in ("JSON", "Adapt", "Requires")]
    then = [said_of(name, None) for name, _ in hubs]
    take_in(lines_of(came_later))
    assert [said_of(name, day) for name, _ in hubs] == then
    assert [said_of(name, None) for name, _ in hubs] != then


def said_of(name: str, as_of: datetime | None) -> list[Any]:
    module = Module.objects.get(name=name)
    direct = direct_dependents(module, DependentFilter(), now=NOW, as_of=as_of, size=200)
    reach = transitive_dependents(module, DependentFilter(), now=NOW, as_of=as_of, size=200)
    return [
        (direct.total, direct.modules),
        [(str(row.consumer), row.declared, str(row.resolved)) for row in direct.rows],
        (reach.total, reach.versions),
        sorted((str(row.module), row.versions, row.hops) for row in reach.rows)
        if reach.total <= 200
        else [],
    ]
