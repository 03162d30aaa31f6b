"""Policies of one rule as a test states them: one that selects everything, by default."""

from typing import Any

from lifecycle.policies.precedence import Effect, Policies, RulePolicy
from lifecycle.policies.selection import Selection
from lifecycle.rules.registry import RULES


def policy(rule: str, **changes: Any) -> RulePolicy:
    """A policy of a rule; selection fields and settings are given by their names."""
    fields = ("ecosystem", "owner_id", "module_pattern", "environment", "tier", "region")
    selection = {name: changes.pop(name) for name in fields if name in changes}
    own = {name: changes.pop(name) for name in ("name", "id", "order") if name in changes}
    effect = Effect(changes.pop("effect", "ask"))
    return RulePolicy(
        name=own.get("name", "all"),
        rule=rule,
        effect=effect,
        selection=Selection(**selection),
        settings=RULES[rule].settings(**changes),
        id=own.get("id", 1),
        order=own.get("order", own.get("id", 1)),
    )


def policies(rule: str, **changes: Any) -> Policies:
    """The one policy of a rule."""
    return Policies([policy(rule, **changes)])
