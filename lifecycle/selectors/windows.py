"""How long a line goes unused before it may go: what the policy of its module says."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings

from lifecycle.policies.precedence import Effect, Policies
from lifecycle.policies.selection import Subject
from lifecycle.rules.unused_range import NAME
from lifecycle.selectors.policies import rulebook
from lineage.graph.line_facts import ModuleName
from lineage.lines import LineFacts
from lineage.models import Module
from lineage.selectors.lines import line_facts, module_names


class Windows:
    """The windows of all modules under the policies in force; one query.

    Where a policy keeps a module, the window is that of the policy after it: what is kept
    is shown as it stands, and is not flagged.
    """

    def __init__(self, policies: Policies | None = None) -> None:
        every = policies or rulebook().of(NAME)
        self._policies = Policies(p for p in every.ranked if p.effect is not Effect.KEEP)

    def of(self, module: Module | ModuleName) -> timedelta:
        """The window of a module."""
        return self._of(Subject(module.ecosystem, module.name, module.owner_id))

    def of_line(self, facts: LineFacts) -> timedelta:
        """The window of a line's module."""
        return self._of(Subject(facts.ecosystem, facts.module, facts.owner_id))

    def line_facts(self, module_ids: Collection[int], *, now: datetime) -> list[LineFacts]:
        """The lines of these modules, each read with its module's window."""
        by_window: dict[timedelta, set[int]] = defaultdict(set)
        for module in module_names(module_ids).values():
            by_window[self.of(module)].add(module.id)
        found: list[LineFacts] = []
        for window in sorted(by_window):
            found += line_facts(now=now, module_ids=by_window[window], published_within=window)
        return found

    def _of(self, subject: Subject) -> timedelta:
        policy = self._policies.governing(subject)
        days = policy.settings.unused_for_days if policy else settings.UNUSED_FOR_DAYS
        return timedelta(days=days)


def unused_for(module: Module) -> timedelta:
    """How long a line of this module goes unused before it may go."""
    return Windows().of(module)
