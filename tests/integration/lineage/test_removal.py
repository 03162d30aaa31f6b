"""Removal of any range, against what really happens when the versions go."""

from datetime import timedelta
from random import Random

import pytest

from lineage.ingest.bulk import graph_lock
from lineage.lines import LineState
from lineage.models import Dependency, Deployment, Module, Requirement, Version
from lineage.selectors.blockers import LIVE, OBSERVED, UNDEPLOYED
from lineage.selectors.lines import line_facts
from lineage.selectors.removal import Removal, removal_of
from lineage.services.retirement import sunset_versions
from lineage.versioning import InvalidRange
from tests.factories.platform import NOW, module, platform
from tests.queries import asked

pytestmark = pytest.mark.django_db

UNUSED_FOR = timedelta(days=30)
SOMETHING_RUNS = "else/prod runs else 1.0.0 in prod since 2025-01-01"
OLD = "on 2025-01-01"


def removal(text: str, name: str = "auth", **page: int) -> Removal:
    return removal_of(module(name), text, now=NOW, unused_for=UNUSED_FOR, **page)


def steps(found: Removal) -> list[tuple[str, str, str]]:
    assert found.way is not None
    assert found.way.is_shortest
    return [(step.kind, step.module.name, step.version) for step in found.way.upgrades]


@pytest.mark.parametrize(
    ("text", "verdict", "count"),
    [("<1.5", "yes", 2), ("1.0.0", "yes", 1), ("^1.4", "not_yet", 1), (">=1.6", "no", 1)],
)
def test_any_range_is_judged_as_a_line_is(text: str, verdict: str, count: int) -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 1.4.0 {OLD}\nauth 1.5.0 {OLD}\nauth 2.0.0 {OLD}",
        f"tv 1.0.0 {OLD} -> auth@^1",
        "tv/prod runs tv 1.0.0 in prod",
    )
    found = removal(text)
    assert found.verdict == verdict
    assert len(found.facts.version_ids) >= count


def test_a_line_written_as_a_range_has_the_facts_of_the_line() -> None:
    platform(*random_platform(Random(3)))
    for facts in line_facts(now=NOW, module_ids=[module("m0").pk], published_within=UNUSED_FOR):
        if facts.level != "major":
            continue
        major = int(facts.line.removesuffix(".x"))
        same = removal(f">={major}.0.0 <{major + 1}.0.0", "m0").facts
        for name in ("version_ids", "live_prod", "live_preprod", "consumers", "held_by", "newest",
                     "holds_newest", "last_used_at", "newest_published_at"):  # fmt: skip
            assert getattr(same, name) == getattr(facts, name), (facts.line, name)


def test_what_is_no_range_is_refused() -> None:
    platform("auth 1.0.0")
    with pytest.raises(InvalidRange):
        removal("one two three")


def test_a_newer_consumer_that_is_not_deployed_is_named_with_what_unblocks_it() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 2.0.0 {OLD}",
        f"tv 2.0.0 by media {OLD} -> auth@^1",
        f"tv 2.1.0 by media {OLD} -> auth@^2",
        "tv/prod runs tv 2.0.0 in prod",
    )
    found = removal("1.x")
    assert found.named.kinds == (("newer_not_deployed", 1), ("only_satisfiable_by", 1))
    assert "deploying tv 2.1.0 unblocks it" in found.blockers[0].detail
    assert steps(found) == [("deploy", "tv", "2.1.0")]
    assert found.named.owners == (("media", 2),)


def test_an_observed_use_is_freed_by_deploying_the_same_version_again() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 2.0.0 {OLD}\ntv 1.0.0 {OLD} -> auth@*",
        "tv/prod runs tv 1.0.0 in prod with auth@1.0.0",
    )
    found = removal("1.x")
    assert found.named.kinds == (("observed_use", 1),)
    assert steps(found) == [("redeploy", "tv", "1.0.0")]


def test_what_leads_there_through_something_observed_is_in_the_way() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 2.0.0 {OLD}",
        f"lib 1.0.0 {OLD} -> auth@^1\nlib 2.0.0 {OLD} -> auth@^2\ntv 1.0.0 {OLD} -> lib@*",
        "tv/prod runs tv 1.0.0 in prod with lib@1.0.0",
    )
    found = removal("1.x")
    assert found.facts.live_prod == 1
    assert found.named.kinds == (("observed_use", 1), ("only_satisfiable_by", 1))
    assert "what was observed there leads to it" in found.blockers[0].detail
    assert steps(found) == [("redeploy", "tv", "1.0.0")]


def test_one_release_of_what_stands_between_frees_every_deployment_behind_it() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 2.0.0 {OLD}\nlib 1.0.0 by data {OLD} -> auth@^1",
        *(f"app-{n} 1.0.0 {OLD} -> lib@^1" for n in range(5)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in prod" for n in range(5)),
    )
    found = removal("1.x")
    assert steps(found) == [("release", "lib", "1.0.1")]
    (change,) = found.way.upgrades[0].changes
    assert (change.module.name, change.declared, change.takes) == ("auth", "^1", "2.0.0")


def test_what_resolves_elsewhere_by_itself_is_told_with_where_it_goes() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 1.1.0 {OLD}\nauth 2.0.0 {OLD}\ntv 1.0.0 {OLD} -> auth@^1",
        "tv/prod runs tv 1.0.0 in prod",
    )
    found = removal("1.1.x")
    (move,) = found.moves.rows
    assert (move.declared, move.now.version, move.then.version) == ("^1", "1.1.0", "1.0.0")
    assert (move.consumers, move.live_prod, found.moves.total) == (1, 1, 1)


def test_blockers_come_by_page_under_counts_that_hold_over_all() -> None:
    platform(
        f"auth 1.0.0 {OLD}\nauth 2.0.0 {OLD}",
        *(f"app-{n} 1.0.0 by team-{n % 3} {OLD} -> auth@^1" for n in range(9)),
        *(f"app-{n}/prod runs app-{n} 1.0.0 in prod" for n in range(9)),
    )
    pages = [removal("1.x", page=number, size=4).named for number in (1, 2, 3, 4, 5, 6)]
    names = [row.name for page in pages for row in page.rows]
    assert len(names) == len(set(names)) == 18 == pages[0].total
    assert {page.kinds for page in pages} == {(("live_deployment", 9), ("only_satisfiable_by", 9))}
    assert {page.owners for page in pages} == {(("team-0", 6), ("team-1", 6), ("team-2", 6))}
    cost = asked(lambda: removal("1.x", size=4))
    assert asked(lambda: removal("1.x", page=2, size=4)) <= cost


@pytest.mark.parametrize("seed", range(60))
def test_a_verdict_is_what_happens_when_the_versions_go(seed: int) -> None:
    random = Random(seed)
    platform(*random_platform(random))
    text = random.choice(["1.x", "<2", "1.0.x", "1.0.0", "^1.1", "1.0.0 || 2.0.0"])
    found = removal(text, "m0")
    going = set(found.facts.version_ids)
    used = used_by_hand()
    assert (found.facts.live > 0) == bool(used & going)
    if found.line.state is LineState.IN_USE:
        kinds = dict(found.named.kinds)
        in_the_way = sum(kinds.get(kind, 0) for kind in (LIVE, OBSERVED, UNDEPLOYED))
        assert in_the_way == found.facts.live
    before, counted = resolved(), declared_by_hand(used)
    moving = {(row.declared, row.now.version, row.then.version) for row in found.moves.rows}
    if found.line.state in (LineState.IN_USE, LineState.HELD):
        apply(found)
        until = max(NOW, found.way.waits_until or NOW)
        after = removal_of(module("m0"), text, now=until, unused_for=UNUSED_FOR)
        assert after.line.state in (LineState.UNUSED, LineState.WAITING), found.way
        return
    with graph_lock():
        sunset_versions(list(going), at=NOW)
    then = resolved()
    gone = {row.version for row in Version.objects.filter(pk__in=going)}
    changed = {(text, before[text], then[text]) for text in counted if before[text] != then[text]}
    assert moving == {row for row in changed if row[2] is not None}
    if found.verdict == "yes":
        assert used_by_hand() == used
        assert all(then[text] not in (None, *gone) for text in counted if before[text] in gone)


def used_by_hand() -> set[int]:
    """What live deployments are, state or reach: one step after another over the rows."""
    used: set[int] = set()
    for deployment in Deployment.objects.live().select_related("profile"):
        stated = list(deployment.profile.versions.all()) if deployment.profile else []
        modules = {one.module_id for one in stated}
        waiting, seen = [deployment.version_id, *(one.pk for one in stated)], set()
        while waiting:
            version_id = waiting.pop()
            if version_id in seen:
                continue
            seen.add(version_id)
            edges = Dependency.objects.filter(version_id=version_id)
            for edge in edges.select_related("requirement"):
                if edge.requirement.module_id not in modules and edge.requirement.resolved_version:
                    waiting.append(edge.requirement.resolved_version_id)
        used |= seen
    return used


def declared_by_hand(used: set[int]) -> set[str]:
    """The ranges on m0 that versions in use, or the newest of their module, declare."""
    current = set(used)
    for one in Module.objects.all():
        newest = one.versions.order_by("sort_key").last()
        current |= {newest.pk} if newest else set()
    edges = Dependency.objects.filter(version_id__in=current, requirement__module__name="m0")
    return set(edges.values_list("requirement__range", flat=True))


def apply(found: Removal) -> None:
    """Do what the list says, through ingest."""
    records = []
    for step in found.way.upgrades:
        name, at = step.module.name, NOW.isoformat()
        if step.kind == "release":
            newest = step.module.versions.order_by("sort_key").last()
            edges = {
                edge.requirement.module.name: edge.requirement.range
                for edge in newest.dependencies.select_related("requirement__module")
            }
            edges |= {change.module.name: change.takes for change in step.changes}
            records.append({
                "type": "version", "module": name, "version": step.version, "published_at": at,
                "dependencies": [{"module": m, "range": r} for m, r in edges.items()],
            })  # fmt: skip
        else:
            for key in step.module.versions.values_list("deployments__key", flat=True).distinct():
                if key:
                    records.append({
                        "type": "deployment", "id": key, "module": name, "version": step.version,
                        "environment": "prod", "tier": "prod", "started_at": at,
                    })  # fmt: skip
    platform(*records)


def resolved() -> dict[str, str | None]:
    rows = Requirement.objects.filter(module__name="m0", is_locked=False)
    return {row.range: row.resolved_version and row.resolved_version.version for row in rows}


def random_platform(random: Random) -> list[str]:
    """Five modules of up to four versions; m0 is depended on most, and circles happen."""
    lines = [f"m0 {text} {OLD}" for text in ("1.0.0", "1.1.0", "2.0.0", "2.1.0")]
    versions = ["1.0.0", "1.1.0", "2.0.0"]
    ranges = ["^1", "*", "^2", "1.0.0", "~1.0", ">=1 <3", "<2"]
    for name in ("m1", "m2", "m3", "m4"):
        for text in versions[: random.randint(1, 3)]:
            targets = [
                f"{other}@{random.choice(ranges)}"
                for other in ("m0", "m1", "m2", "m3", "m4")
                if other != name and random.random() < (0.6 if other == "m0" else 0.3)
            ]
            lines.append(f"{name} {text} {OLD}" + (f" -> {', '.join(targets)}" if targets else ""))
        if random.random() < 0.7:
            others = [other for other in ("m0", "m1", "m2") if other != name]
            seen = [f"{other}@1.0.0" for other in others if random.random() < 0.3]
            beside = f" with {', '.join(seen)}" if seen else ""
            lines.append(f"{name}/prod runs {name} 1.0.0 in prod{beside}")
    return [*lines, SOMETHING_RUNS]
