"""Which policy governs: the stated order, whatever order they come in; keep always wins."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.policies.defaults import default_policies
from lifecycle.policies.precedence import Effect, Policies, Rulebook, RulePolicy, governing
from lifecycle.policies.selection import Selection, Subject
from lifecycle.rules.base import Numbers
from lifecycle.rules.registry import RULES

SUBJECTS = [
    Subject(ecosystem, module, owner, *place)
    for ecosystem in ("platform", "npm")
    for module in ("auth", "tv-home")
    for owner in (None, 1)
    for place in (("", "", ""), ("test", "preprod", "eu"), ("prod", "prod", "us"))
]


def policy(order: int, effect: str = "ask", is_default: bool = False, **fields: Any) -> RulePolicy:
    return RulePolicy(
        f"p{order}", "idle-deployment", Effect(effect), Selection(**fields),
        id=None if is_default else order, order=order, is_default=is_default,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("policies", "winner"),
    [
        ([policy(1), policy(2, is_default=True, tier="preprod")], "p1"),
        ([policy(1, "keep"), policy(2, "automatic", module_pattern="tv-home")], "p1"),
        ([policy(1, tier="preprod"), policy(2)], "p1"),
        ([policy(1, module_pattern="tv-*"), policy(2, environment="test")], "p1"),
        ([policy(1), policy(2)], "p2"),
        ([policy(1, "keep"), policy(2, "keep", module_pattern="tv-home")], "p2"),
        ([policy(1, "keep", tier="prod"), policy(2)], "p2"),
        ([policy(1, is_default=True, tier="preprod"), policy(2, is_default=True)], "p1"),
        ([policy(1, tier="prod")], None),
        ([], None),
    ],
    ids=[
        "made before built-in", "keep before delete", "specific before wide",
        "module before place", "later before earlier", "specific keep before wide keep",
        "keep of something else", "specific default before wide", "none selects", "none there",
    ],
)  # fmt: skip
def test_policy_that_governs_is_the_one_of_the_stated_order(
    policies: list[RulePolicy], winner: str | None
) -> None:
    subject = Subject("platform", "tv-home", 1, "test", "preprod", "eu")
    found = governing(policies, subject)
    assert (found.name if found else None) == winner


selections = st.fixed_dictionaries(
    {},
    optional={
        "ecosystem": st.sampled_from(["platform", "npm"]),
        "owner_id": st.just(1),
        "module_pattern": st.sampled_from(["*", "auth", "tv-*", "?uth", "tv-home"]),
        "environment": st.sampled_from(["test", "prod"]),
        "tier": st.sampled_from(["preprod", "prod"]),
        "region": st.sampled_from(["eu", "us"]),
    },
)
made = st.lists(st.tuples(st.sampled_from(["keep", "ask", "automatic"]), st.booleans(), selections))


def _policies(drawn: list[Any]) -> list[RulePolicy]:
    return [
        policy(order, "ask" if is_default else effect, is_default, **fields)
        for order, (effect, is_default, fields) in enumerate(drawn, start=1)
    ]


@given(made, st.randoms(use_true_random=False))
def test_order_in_which_policies_are_read_decides_nothing(drawn: list[Any], random: Any) -> None:
    policies = _policies(drawn)
    shuffled = list(policies)
    random.shuffle(shuffled)
    for subject in SUBJECTS:
        assert governing(policies, subject) == governing(shuffled, subject)


@given(made)
def test_keep_always_wins_and_nothing_it_selects_is_ever_flagged(drawn: list[Any]) -> None:
    policies = Policies(_policies(drawn))
    for subject in SUBJECTS:
        selecting = [p for p in policies.ranked if p.selection.selects(subject)]
        keeps = any(p.effect is Effect.KEEP for p in selecting if not p.is_default)
        found = policies.governing(subject)
        assert (found is None) is (not selecting)
        if keeps:
            assert found is not None
            assert found.effect is Effect.KEEP
            assert policies.flagging(subject) is None
        elif found is not None:
            assert policies.flagging(subject) is found


@given(made)
def test_what_governs_is_beaten_by_nobody_that_selects(drawn: list[Any]) -> None:
    policies = _policies(drawn)
    for subject in SUBJECTS:
        found = governing(policies, subject)
        rivals = [p for p in policies if p.selection.selects(subject) and p is not found]
        for rival in rivals:
            assert found is not None
            assert _beats(found, rival)


def _beats(one: RulePolicy, other: RulePolicy) -> bool:
    """The stated order once more, step by step."""
    if one.is_default != other.is_default:
        return other.is_default
    if (one.effect is Effect.KEEP) != (other.effect is Effect.KEEP):
        return one.effect is Effect.KEEP
    if one.selection.specificity != other.selection.specificity:
        return one.selection.specificity > other.selection.specificity
    return one.order > other.order


def test_rulebook_keeps_each_rules_policies_apart() -> None:
    book = Rulebook([policy(1), RulePolicy("other", "zombie-deployment")])
    assert [p.name for p in book.of("idle-deployment").ranked] == ["p1"]
    assert book.of("far-behind").ranked == []
    assert {p.name for p in book.policies} == {"p1", "other"}


def test_least_setting_is_that_of_the_policies_that_flag() -> None:
    settings = RULES["idle-deployment"].settings
    days = [(Effect.ASK, 30), (Effect.KEEP, 1), (Effect.AUTOMATIC, 14)]
    policies = Policies(
        RulePolicy("p", "idle-deployment", effect, settings=settings(idle_for_days=n), order=n)
        for effect, n in days
    )
    assert policies.least("idle_for_days") == 14
    assert Policies().least("idle_for_days") is None


def test_defaults_are_automatic_in_preproduction_only_and_only_for_what_expired() -> None:
    defaults = default_policies(Numbers(unused_for=12, ownerless_wait=9, restorable_for=60))
    automatic = [p for p in defaults if p.is_automatic]
    assert [(p.rule, p.selection.tier, p.terms.grace.days) for p in automatic] == [
        ("expired-deployment", "preprod", 3)
    ]
    book = Rulebook(defaults)
    for rule in RULES:
        prod = book.of(rule).governing(Subject("platform", "tv-home", 1, "prod", "prod", "us"))
        assert prod is None or prod.effect is Effect.ASK
    line = book.of("unused-range").governing(Subject("platform", "auth"))
    assert line is not None
    assert (line.settings.unused_for_days, line.terms.ownerless_wait.days) == (12, 9)
    assert line.terms.restorable_for.days == 60
    assert len({p.name for p in defaults}) == len(defaults)
