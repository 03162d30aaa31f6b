"""Joint resolution against a solver that tries everything, on random registries."""

import pytest

from lineage.resolution.explain import explained, shrunk
from lineage.resolution.joint import Limits, Outcome, search
from lineage.resolution.registry import KnownVersion, Need, Registry
from lineage.resolution.tree import joint_tree, newest_tree
from lineage.versioning import parse_range, parse_version
from tests.registries import small, solvable

REGISTRIES = 2_000
BATCHES = 8


def registry(text: str) -> Registry:
    """A registry drawn one version a statement: ``a 1.0.0 -> b@^1, c@*; …``; ``!`` is withdrawn."""
    versions: dict[tuple[str, str], list[KnownVersion]] = {}
    needs = {}
    for line in text.split(";"):
        left, _, right = line.strip().partition(" -> ")
        name, number = left.split()
        module = ("platform", name)
        rows = versions.setdefault(module, [])
        rows.append(KnownVersion(parse_version(number.rstrip("!")), number.endswith("!")))
        needs[module, len(rows) - 1] = [need(part) for part in right.split(", ") if part]
    return Registry(versions, lambda one: needs[one.module, one.place])


def need(text: str) -> Need:
    name, _, range = text.partition("@")
    return Need(("platform", name), parse_range(range))


def chosen(text: str, *roots: str) -> list[str]:
    known = registry(text)
    found = search([need(root) for root in roots], known)
    assert found.outcome is Outcome.FOUND
    return sorted(f"{one.module[1]} {one.text}" for one in found.chosen.values())


def why_not(text: str, *roots: str) -> tuple[str, ...]:
    known = registry(text)
    found = search([need(root) for root in roots], known)
    assert found.outcome is Outcome.CONFLICT
    return explained(found, known).sentences


@pytest.mark.parametrize("batch", range(BATCHES))
def test_it_agrees_with_a_solver_that_tries_everything(batch: int) -> None:
    outcomes = {True: 0, False: 0}
    for seed in range(batch, REGISTRIES, BATCHES):
        one = small(seed)
        found = search(one.roots, one.registry)
        expected = solvable(one, one.clauses)
        assert found.outcome is (Outcome.FOUND if expected else Outcome.CONFLICT), seed
        outcomes[expected] += 1
        if not expected:
            continue
        places = {module: candidate.place for module, candidate in found.chosen.items()}
        reached, waiting = set(), list(one.roots)
        while waiting:
            need = waiting.pop()
            assert places[need.module] in one.places(need), seed
            if need.module not in reached:
                reached.add(need.module)
                waiting += one.needs_of(found.chosen[need.module])
        assert reached == set(places), "nothing is superfluous"
    assert min(outcomes.values()) > 50, "both kinds are met"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_explanation_conflicts_and_no_clause_of_it_could_be_left_out(batch: int) -> None:
    for seed in range(batch, REGISTRIES, BATCHES):
        one = small(seed)
        found = search(one.roots, one.registry)
        if found.outcome is Outcome.FOUND:
            continue
        conflict = explained(found, one.registry)
        assert conflict.is_minimal
        assert set(conflict.clauses) <= set(one.clauses)
        assert not solvable(one, conflict.clauses), seed
        for clause in conflict.clauses:
            others = [other for other in conflict.clauses if other != clause]
            assert solvable(one, others), (seed, clause)
        assert any(sentence.startswith("No version of ") for sentence in conflict.sentences)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_whatever_is_not_newest_says_because_of_whom(batch: int) -> None:
    for seed in range(batch, REGISTRIES, BATCHES):
        one = small(seed)
        found = search(one.roots, one.registry)
        if found.outcome is not Outcome.FOUND:
            continue
        tree = joint_tree(one.roots, one.registry, found.chosen)
        assert not tree.unmet
        assert {choice.candidate for choice in tree.choices} == set(found.chosen.values())
        for choice in tree.choices:
            newest, candidate = choice.newest, choice.candidate
            assert choice.chain[0].consumer is None
            assert choice.chain[-1].need.module == candidate.module
            is_older = newest is not None and one.registry.order_of(
                candidate
            ) < one.registry.order_of(newest)
            assert choice.is_behind == is_older, seed
            for clause in choice.held_by:
                if clause.consumer == newest:
                    taken = {**found.chosen, newest.module: newest}.get(clause.need.module)
                    assert taken is None or taken.place not in one.places(clause.need)
                else:
                    assert newest.place not in one.places(clause.need)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_newest_tree_takes_the_best_of_every_need(batch: int) -> None:
    for seed in range(batch, REGISTRIES, BATCHES):
        one = small(seed)
        tree = newest_tree(one.roots, one.registry)
        taken = {(c.candidate.module, c.candidate.place) for c in tree.choices}
        reached, waiting, unmet = set(), list(one.roots), 0
        while waiting:
            need = waiting.pop()
            places = one.places(need)
            if not places:
                unmet += 1
                continue
            keys = one.versions[need.module]
            best = need.module, max(places, key=lambda place: keys[place].parsed.key)
            if best not in reached:
                reached.add(best)
                waiting += one.needs.get(best, [])
        assert (taken, bool(tree.unmet)) == (reached, unmet > 0)


def test_it_steps_back_from_the_newest_where_the_tree_needs_it() -> None:
    text = "app 1.0.0 -> auth@^1, json@*; auth 1.0.0 -> json@^1; json 1.4.0; json 2.0.0"
    assert chosen(text, "app@*") == ["app 1.0.0", "auth 1.0.0", "json 1.4.0"]
    known = registry(text)
    found = search([need("app@*")], known)
    (json,) = (
        choice
        for choice in joint_tree([need("app@*")], known, found.chosen).choices
        if choice.candidate.module[1] == "json"
    )
    assert [clause.consumer.text for clause in json.held_by] == ["1.0.0"]
    assert [clause.need.range.text for clause in json.held_by] == ["^1"]


def test_a_conflict_is_told_with_the_chain_that_causes_it() -> None:
    text = "app 1.0.0 -> auth@^2.0, login@^3; login 3.1.0 -> auth@^1.4; auth 1.4.0; auth 2.0.0"
    assert why_not(text, "app@*") == (
        "app * is asked for.",
        "app 1.0.0 needs auth ^2.0.",
        "app 1.0.0 needs login ^3.",
        "app 1.0.0 → login 3.1.0 needs auth ^1.4.",
        "No version of auth satisfies both ^2.0 and ^1.4.",
    )


def test_versions_that_need_the_same_are_told_together() -> None:
    old = "; ".join(f"login 3.{n}.0 -> auth@^1" for n in range(7))
    told = why_not(f"{old}; auth 1.0.0; auth 2.0.0", "login@^3", "auth@^2")
    assert "login 3.0.0, 3.1.0, 3.2.0, 3.3.0, 3.4.0 and 2 more need auth ^1." in told
    assert "No version of auth satisfies both ^2 and ^1." in told


def test_what_nobody_published_is_said_to_be_unknown() -> None:
    assert "No version of ghost is known." in why_not("app 1.0.0 -> ghost@^1", "app@*")
    assert "No version of app satisfies ^9." in why_not("app 1.0.0", "app@^9")


def test_a_withdrawn_version_is_taken_by_an_exact_pin_only() -> None:
    text = "app 1.0.0 -> json@=1.0.0; json 1.0.0!; json 2.0.0"
    assert chosen(text, "app@*") == ["app 1.0.0", "json 1.0.0"]
    assert "No version of json satisfies ^1." in why_not(text, "json@^1")


def test_a_limit_met_is_said_and_claims_nothing() -> None:
    text = "a 1.0.0 -> b@*; b 1.0.0 -> c@*; c 1.0.0"
    assert search([need("a@*")], registry(text), limits=Limits(rounds=1)).outcome == "stopped"
    assert search([need("a@*")], registry(text), limits=Limits(steps=1)).outcome == "stopped"
    assert search([need("a@*")], registry(text), limits=Limits(modules=2)).outcome == "stopped"


def test_a_chain_of_hundreds_and_a_cycle_end() -> None:
    links = [f"m{n} 1.0.0 -> m{n + 1}@*" for n in range(900)]
    found = chosen("; ".join([*links, "m900 1.0.0 -> m0@*"]), "m0@*")
    assert len(found) == 901


def test_an_explanation_that_ran_out_of_steps_says_so() -> None:
    known = registry("a 1.0.0 -> b@^1, c@^1; b 2.0.0; c 2.0.0")
    found = search([need("a@*")], known)
    least = shrunk(found.tried, known, steps=1)
    assert not least.is_minimal
    assert len(least.clauses) >= 2
