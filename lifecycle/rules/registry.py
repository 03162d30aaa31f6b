"""Every rule there is: each module of this package that has a ``RULE`` is one (pure).

Sweep, API, pages, notices and the checks of policies all derive from it.
"""

from importlib import import_module
from pkgutil import iter_modules

import lifecycle.rules
from lifecycle.rules.base import Rule, SubjectKind


def found_rules() -> list[Rule]:
    """The rules of the package's modules, in their order."""
    names = [module.name for module in iter_modules(lifecycle.rules.__path__)]
    modules = (import_module(f"lifecycle.rules.{name}") for name in names if name != "registry")
    rules = [module.RULE for module in modules if hasattr(module, "RULE")]
    return sorted(rules, key=lambda rule: rule.place)


RULES: dict[str, Rule] = {rule.name: rule for rule in found_rules()}
ACTIONABLE = frozenset(rule.name for rule in RULES.values() if rule.is_actionable)
OF_DEPLOYMENTS = frozenset(
    rule.name for rule in RULES.values() if rule.subject is SubjectKind.DEPLOYMENT
)


def rule_choices() -> list[tuple[str, str]]:
    """The rules as a field's choices."""
    return [(rule.name, rule.word) for rule in RULES.values()]
