"""Which policy governs what: the stated order, the same whatever order they are read in (pure).

1. A policy somebody made outranks the built-in defaults.
2. Among these, one that keeps outranks those that let go: keep beats delete.
3. Then the more specific selection (``Selection.specificity``).
4. Then the later policy.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lifecycle.policies.selection import Selection, Subject
from lifecycle.policies.settings import NoSettings
from lifecycle.policies.terms import Terms


class Effect(StrEnum):
    """What a policy does with what its rule finds."""

    KEEP = "keep"
    ASK = "ask"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class RulePolicy:
    """One policy of one rule; ``order`` is its place in time, the greater the later.

    A built-in default has no id.
    """

    name: str
    rule: str
    effect: Effect = Effect.ASK
    selection: Selection = field(default_factory=Selection)
    settings: Any = field(default_factory=NoSettings)
    terms: Terms = field(default_factory=Terms)
    id: int | None = None
    order: int = 0
    is_default: bool = False

    @property
    def is_automatic(self) -> bool:
        """Whether what it flags is announced without anybody asking."""
        return self.effect is Effect.AUTOMATIC


class Policies:
    """The policies of one rule, the one that outranks the others first.

    Answers are remembered: asking about the same kind of subject again costs a lookup.
    """

    def __init__(self, policies: Iterable[RulePolicy] = ()) -> None:
        self.ranked = sorted(policies, key=_rank)
        self._known: dict[Subject, RulePolicy | None] = {}

    def governing(self, subject: Subject) -> RulePolicy | None:
        """The policy that decides on the subject; None where no policy and no default selects."""
        try:
            return self._known[subject]
        except KeyError:
            found = next((p for p in self.ranked if p.selection.selects(subject)), None)
            self._known[subject] = found
            return found

    def flagging(self, subject: Subject) -> RulePolicy | None:
        """The policy under which the subject may be flagged; None where it is kept."""
        found = self.governing(subject)
        return None if found is None or found.effect is Effect.KEEP else found

    def least(self, setting: str) -> int | None:
        """The smallest value of a setting among those that flag; None where none does.

        No subject can be flagged on a smaller one, so facts below it need not be read.
        """
        flagging = (p for p in self.ranked if p.effect is not Effect.KEEP)
        return min((getattr(p.settings, setting) for p in flagging), default=None)

    def named(self, name: str) -> RulePolicy | None:
        """The policy of that name."""
        return next((p for p in self.ranked if p.name == name), None)


class Rulebook:
    """Every rule's policies, defaults included."""

    def __init__(self, policies: Collection[RulePolicy]) -> None:
        rules = {policy.rule for policy in policies}
        self._by_rule: Mapping[str, Policies] = {
            rule: Policies(p for p in policies if p.rule == rule) for rule in rules
        }

    def of(self, rule: str) -> Policies:
        """The policies of a rule; none where it has none."""
        return self._by_rule.get(rule) or Policies()

    @property
    def policies(self) -> list[RulePolicy]:
        """All of them, by rule, each rule's in their order of rank."""
        return [p for rule in sorted(self._by_rule) for p in self._by_rule[rule].ranked]


def governing(policies: Iterable[RulePolicy], subject: Subject) -> RulePolicy | None:
    """The one of a rule's policies that decides on the subject."""
    return Policies(policies).governing(subject)


def _rank(policy: RulePolicy) -> tuple[Any, ...]:
    specificity = tuple(-part for part in policy.selection.specificity)
    keeps = policy.effect is Effect.KEEP
    return (policy.is_default, not keeps, specificity, -policy.order, policy.name)
