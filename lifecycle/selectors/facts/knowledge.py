"""What is known for one run of the rules: facts read once, flags judged once."""

from collections.abc import Collection, Set
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from lifecycle.policies.precedence import Rulebook
from lifecycle.rules import unused_range
from lifecycle.rules.base import Flag, Rule
from lifecycle.rules.facts import Facts, Need
from lifecycle.rules.registry import RULES
from lifecycle.selectors.facts.advice import deprecations_in, runtimes_in
from lifecycle.selectors.facts.deployments import deployments_for
from lifecycle.selectors.facts.lags import lags_in
from lifecycle.selectors.facts.lines import lines_in
from lifecycle.selectors.facts.scope import Scope
from lifecycle.selectors.facts.versions import versions_in


class Knowledge:
    """The facts of one instant under a rulebook; of everything, or of some modules.

    ``deployment_ids`` limits the rules of deployments further. ``exempt_lines`` are
    kept by exemptions: their versions are not among the unused. The view is the newest
    snapshot's: refresh it first where that matters.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        *,
        now: datetime,
        module_ids: Collection[int] | None = None,
        deployment_ids: Collection[int] | None = None,
        exempt_lines: Set[tuple[int, str]] = frozenset(),
    ) -> None:
        self.rulebook = rulebook
        self.scope = Scope(
            now,
            None if module_ids is None else frozenset(module_ids),
            None if deployment_ids is None else frozenset(deployment_ids),
        )
        self.exempt_lines = exempt_lines
        self._flags: dict[str, list[Flag]] = {}

    def flags(self, rule: Rule) -> list[Flag]:
        """What the rule flags."""
        if rule.name not in self._flags:
            policies = self.rulebook.of(rule.name)
            self._flags[rule.name] = list(rule.flags(self.facts(rule), policies))
        return self._flags[rule.name]

    def facts(self, rule: Rule) -> Facts:
        """What the rule needs to know, under its policies."""
        policies, known = self.rulebook.of(rule.name), Facts(self.scope.now)
        if not policies.ranked:
            return known
        scope = self.scope
        match rule.need:
            case Need.LINES:
                return replace(known, lines=lines_in(scope, policies))
            case Need.VERSIONS:
                lines = self.exempt_lines
                found = versions_in(scope, policies, covered=self.covered, lines=lines)
                return replace(known, versions=found)
            case Need.DEPRECATIONS:
                return replace(known, deprecations=deprecations_in(scope))
            case Need.RUNTIMES:
                return replace(known, runtimes=runtimes_in(scope))
            case Need.LAGS:
                return replace(known, lags=lags_in(scope, policies))
            case _:
                return replace(known, deployments=deployments_for(rule.need, scope, policies))

    @cached_property
    def covered(self) -> frozenset[int]:
        """The versions of lines that are flagged as a whole."""
        flags = self.flags(RULES[unused_range.NAME])
        return frozenset(pk for flag in flags for pk in flag.version_ids)
