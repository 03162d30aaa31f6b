"""What a consumer gets by doing nothing, how far behind it is, and how it gets to the newest."""

import pytest

from lineage.exceptions import NoSuchDependency, UnknownDeployment
from lineage.selectors.deployments import live_deployment
from lineage.selectors.upgrade_paths import PathAnswer, path_of
from lineage.selectors.upgrades import UpgradeFilter, UpgradeRow, upgrade_list, upgrades
from tests.factories.platform import NOW, module, platform, version
from tests.queries import asked

pytestmark = pytest.mark.django_db

JSON = "json 1.0.0 on 2026-01-01\njson 1.1.0 on 2026-01-11\njson 2.0.0 on 2026-02-10"


def rows(**filter: object) -> dict[str, UpgradeRow]:
    return {row.dependency.name: row for row in upgrades(UpgradeFilter(**filter), now=NOW)}


def path(consumer: str, dependency: str) -> PathAnswer:
    return path_of(version(consumer), module(dependency), now=NOW)


def said(found: PathAnswer) -> list[tuple[str, str, str, str]]:
    return [(step.by.name, step.declared, step.on.name, step.takes) for step in found.steps]


def test_doing_nothing_brings_what_the_range_takes_where_something_older_was_observed() -> None:
    platform(JSON, "tv 1.0.0 -> json@*", "tv/prod runs tv 1.0.0 in prod with json@1.0.0")
    row = rows(module=module("tv"))["json"]
    assert (row.current.version, row.runs, row.lags, row.moves) == (
        "2.0.0", ("1.0.0",), True, "by_itself",
    )  # fmt: skip
    assert (row.distance, row.days_behind, row.needs_change) == ("1 major", 40, False)


def test_what_must_change_stands_apart_and_the_counts_add_up() -> None:
    platform(
        JSON,
        "yaml 1.0.0",
        "tv 1.0.0 -> json@^1, yaml@*",
        "web 1.0.0 -> json@*",
        "tv/prod runs tv 1.0.0 in prod",
        "web/prod runs web 1.0.0 in prod with json@1.1.0",
    )
    every = upgrade_list(UpgradeFilter(), now=NOW)
    assert every.moving == {"must_act": 1, "by_itself": 1, "nothing": 1}
    assert sum(every.moving.values()) == every.total
    for move, count in every.moving.items():
        part = upgrade_list(UpgradeFilter(moves=(move,)), now=NOW)
        assert (part.total, {row.moves for row in part.rows}) == (count, {move})
    behind = rows(module=module("tv"))["json"]
    assert (behind.distance, behind.days_behind) == ("1 major", 30)


def test_a_deployment_is_asked_about_with_what_it_alone_was_observed_with() -> None:
    platform(
        JSON,
        "tv 1.0.0 -> json@*",
        "tv/old runs tv 1.0.0 in prod with json@1.0.0",
        "tv/new runs tv 1.0.0 in prod with json@2.0.0",
    )
    assert rows()["json"].runs == ("1.0.0", "2.0.0")
    assert rows(deployment=live_deployment("tv/old"))["json"].lags
    assert not rows(deployment=live_deployment("tv/new"))["json"].lags
    with pytest.raises(UnknownDeployment):
        live_deployment("tv/none")


def test_one_s_own_range_is_the_whole_path_where_nobody_else_pins() -> None:
    platform(JSON, "tv 1.0.0 -> json@^1")
    found = path("tv@1.0.0", "json")
    assert (found.state, said(found)) == ("own", [("tv", "^1", "json", "2.0.0")])


def test_a_consumer_cannot_move_before_what_it_uses_widens_its_range() -> None:
    platform(
        JSON,
        "deep 1.0.0 by data -> json@^1",
        "lib 1.0.0 by identity -> deep@^1",
        "tv 1.0.0 by media -> json@^1, lib@^1",
    )
    found = path("tv@1.0.0", "json")
    assert found.state == "blocked"
    assert said(found) == [("tv", "^1", "json", "2.0.0"), ("deep", "^1", "json", "2.0.0")]
    (step,) = found.blocked_by
    assert (step.owner, [one.name for one in step.chain]) == ("data", ["tv", "lib"])
    platform("deep 2.0.0 -> json@^2", "lib 1.1.0 -> deep@^2")
    assert path("tv@1.0.0", "json").state == "own"


def test_a_pin_elsewhere_is_named_even_where_the_own_range_takes_the_newest() -> None:
    platform(JSON, "lib 1.0.0 by data -> json@^1", "tv 1.0.0 -> json@*, lib@^1")
    assert [step.by.name for step in path("tv@1.0.0", "json").blocked_by] == ["lib"]


def test_the_path_starts_at_the_newest_version_of_the_consumer() -> None:
    platform(JSON, "tv 1.0.0 -> json@^1", "tv 1.1.0 -> json@^2", "tv/prod runs tv 1.0.0 in prod")
    found = path("tv@1.0.0", "json")
    assert (found.state, found.deploy) == ("nothing", "1.1.0")
    platform("tv 1.2.0")
    with pytest.raises(NoSuchDependency):
        path("tv@1.0.0", "json")


def test_a_path_costs_as_many_queries_through_a_large_tree_as_through_a_small_one() -> None:
    platform(JSON, "tv 1.0.0 -> json@^1, lib@*", "lib 1.0.0 -> json@^1")
    few = asked(lambda: path("tv@1.0.0", "json"))
    platform(*(f"part-{n} 1.0.0 -> json@^1" for n in range(40)))
    platform("lib 1.1.0 -> json@^1, " + ", ".join(f"part-{n}@*" for n in range(40)))
    found = path("tv@1.0.0", "json")
    assert (found.modules, len(found.blocked_by)) == (42, 41)
    assert asked(lambda: path("tv@1.0.0", "json")) == few


def test_a_fix_is_the_newest_sound_version_of_the_same_minor_line() -> None:
    platform(
        "json 1.4.0\njson 1.4.1\njson 1.4.2\njson 1.5.0\njson 2.0.0",
        {"type": "yank", "module": "json", "version": "1.4.2"},
        "tv 1.0.0 -> json@1.4.0",
        "web 1.0.0 -> json@1.5.0",
    )
    tv, web = rows(module=module("tv"))["json"], rows(module=module("web"))["json"]
    assert (tv.status, tv.target.version, tv.change) == ("fix", "1.4.1", "1.4.1")
    assert (web.status, web.target.version, web.change) == ("behind", "2.0.0", "2.0.0")


@pytest.mark.parametrize(
    ("versions", "declared", "target", "change"),
    [
        ("1.4.0 1.4.1 1.5.0 2.0.0", "1.4.0", "1.4.1", "1.4.1"),
        ("1.4.0 1.5.0 2.0.0", "~1.4.0", "1.5.0", "~1.5.0"),
        ("1.4.0 2.0.0", "^1", "2.0.0", "^2.0.0"),
        ("1.4.0", "^1", None, ""),
    ],
)
def test_what_is_deprecated_goes_to_the_nearest_sound_version(
    versions: str, declared: str, target: str | None, change: str
) -> None:
    leave = {"type": "deprecation", "module": "json", "range": "1.4.0"}
    platform(*(f"json {v}" for v in versions.split()), leave, f"tv 1.0.0 -> json@{declared}")
    row = rows(module=module("tv"))["json"]
    found = row.target.version if row.target else None
    assert (row.status, found, row.change) == ("deprecated", target, change)


def test_the_provider_s_own_replacement_is_what_to_declare() -> None:
    leave = {"type": "deprecation", "module": "json", "range": "1.x", "replacement": ">=2 <4"}
    platform(JSON, leave, "tv 1.0.0 -> json@^1")
    assert rows(module=module("tv"))["json"].change == ">=2 <4"


def test_what_runs_and_was_yanked_says_so_where_a_redeploy_cures_it() -> None:
    platform(JSON, "tv 1.0.0 -> json@^1", "tv/prod runs tv 1.0.0 in prod with json@1.0.0")
    assert not rows()["json"].is_unsound
    platform({"type": "yank", "module": "json", "version": "1.0.0"})
    assert rows()["json"].is_unsound


def test_what_is_put_aside_is_hidden_until_it_gets_more_urgent() -> None:
    platform(JSON, "yaml 1.0.0\nyaml 2.0.0", "tv 1.0.0 -> json@^1, yaml@^1")
    pair = (module("tv").pk, module("json").pk)
    aside = {pair: "behind", (-1, -1): "dying"}

    def found(asides: str) -> tuple[list[str], int, int]:
        part = upgrade_list(UpgradeFilter(aside=aside, asides=asides), now=NOW)
        return [row.dependency.name for row in part.rows], part.aside, part.counts["behind"]

    assert found("hide") == (["yaml"], 1, 1)
    assert found("only") == (["json"], 1, 1)
    assert found("show") == (["json", "yaml"], 1, 2)
    assert [row.is_aside for row in upgrades(UpgradeFilter(aside=aside), now=NOW)] == [True, False]
    platform({"type": "deprecation", "module": "json", "range": "1.x"})
    assert found("hide")[:2] == (["json", "yaml"], 0)
