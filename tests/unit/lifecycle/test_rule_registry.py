"""The registry: each module with a RULE is one, and says all that is derived from it."""

import sys
from pathlib import Path

import pytest

import lifecycle.rules
from lifecycle.policies.defaults import default_policies
from lifecycle.policies.precedence import Rulebook
from lifecycle.policies.settings import read_settings, settings_of, written
from lifecycle.rules import registry
from lifecycle.rules.base import Numbers, Rule
from lifecycle.rules.facts import Facts
from lifecycle.rules.registry import ACTIONABLE, RULES, rule_choices
from platform_ui.states import LOOKS
from tests.unit.lifecycle.line_facts import NOW

NEW = """
from lifecycle.rules import zombie_deployment
from dataclasses import replace

RULE = replace(zombie_deployment.RULE, name="brand-new", place=99)
"""


def test_one_new_module_is_one_new_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brand_new.py").write_text(NEW)
    monkeypatch.setattr(lifecycle.rules, "__path__", [*lifecycle.rules.__path__, str(tmp_path)])
    try:
        assert [rule.name for rule in registry.found_rules()] == [*RULES, "brand-new"]
    finally:
        sys.modules.pop("lifecycle.rules.brand_new", None)


def test_there_are_nine_of_which_six_can_act() -> None:
    assert len(RULES) == 9
    assert {name for name in RULES if name not in ACTIONABLE} == {
        "dying-in-use", "runtime-end-of-life", "far-behind",
    }  # fmt: skip
    assert [name for name, _ in rule_choices()] == list(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_rule_has_its_words_settings_and_a_default(rule: Rule) -> None:
    assert rule.word
    assert rule.sentence
    assert rule.one
    assert rule.many
    assert rule.mark in LOOKS
    assert rule.defaults
    assert len(rule.name) <= 32
    kind = rule.settings
    assert read_settings(kind, {}) == kind()
    assert read_settings(kind, written(kind())) == kind()
    assert all(one.word for one in settings_of(kind))
    if not rule.has_place:
        assert not any(default.selection.has_place for default in rule.defaults)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_rule_flags_nothing_of_nothing(rule: Rule) -> None:
    book = Rulebook(default_policies(Numbers()))
    assert list(rule.flags(Facts(NOW), book.of(rule.name))) == []


def test_rules_are_told_apart() -> None:
    rules = list(RULES.values())
    assert len({rule.word for rule in rules}) == len(rules)
    assert len({rule.place for rule in rules}) == len(rules)
