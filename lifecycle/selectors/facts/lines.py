"""Facts of lines, each judged with the window its module's policy gives it."""

from collections import defaultdict
from datetime import timedelta

from lifecycle.policies.precedence import Policies
from lifecycle.selectors.facts.scope import Scope, subject_of
from lineage.lines import LineFacts
from lineage.selectors.lines import line_facts


def lines_in(scope: Scope, policies: Policies) -> list[LineFacts]:
    """The lines of every module that may be flagged; one reading a distinct window."""
    days = {policy.settings.unused_for_days for policy in policies.ranked}
    if scope.module_ids is None and len(days) == 1:
        return line_facts(now=scope.now, published_within=timedelta(days=days.pop()))
    by_window: dict[int, set[int]] = defaultdict(set)
    for module in scope.modules.values():
        policy = policies.flagging(subject_of(module))
        if policy is not None:
            by_window[policy.settings.unused_for_days].add(module.id)
    found: list[LineFacts] = []
    for window in sorted(by_window):
        found += line_facts(
            now=scope.now,
            module_ids=by_window[window],
            published_within=timedelta(days=window),
        )
    return found
