"""The built-in policies: what holds where nobody made a policy (pure)."""

from datetime import timedelta

from lifecycle.policies.precedence import RulePolicy
from lifecycle.policies.terms import Terms
from lifecycle.rules.base import Default, Numbers, Rule
from lifecycle.rules.registry import RULES


def default_policies(numbers: Numbers) -> list[RulePolicy]:
    """Every rule's defaults, in the rules' order."""
    return [_policy(rule, default, numbers) for rule in RULES.values() for default in rule.defaults]


def _policy(rule: Rule, default: Default, numbers: Numbers) -> RulePolicy:
    return RulePolicy(
        name=default.name,
        rule=rule.name,
        effect=default.effect,
        selection=default.selection,
        settings=default.settings(numbers) if default.settings else rule.settings(),
        terms=Terms(
            grace=timedelta(days=default.grace_days),
            ownerless_wait=timedelta(days=numbers.ownerless_wait),
            restorable_for=timedelta(days=numbers.restorable_for),
        ),
        is_default=True,
    )
