"""Exemptions as they stood at each look of a replay (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lifecycle.rules.base import Flag


@dataclass(frozen=True, slots=True)
class Exempted:
    """One exemption for as long as it held; an empty ``rule`` is every rule."""

    since: datetime
    until: datetime
    rule: str = ""
    module_id: int | None = None
    line: str = ""
    deployment_key: str = ""

    def covers(self, flag: Flag) -> bool:
        """Whether it keeps from going what is flagged."""
        if self.rule and self.rule != flag.rule:
            return False
        if self.deployment_key:
            return flag.deployment_id is not None and flag.evidence["label"] == self.deployment_key
        return self.module_id == flag.module_id and self.line in {"", flag.line}


@dataclass(frozen=True, slots=True)
class Exempt:
    """All exemptions there ever were."""

    spans: Sequence[Exempted] = ()

    def at(self, flag: Flag, at: datetime) -> bool:
        """Whether what is flagged was exempt at an instant."""
        return any(one.covers(flag) for one in self._standing(at))

    def lines(self, rule: str, at: datetime) -> frozenset[tuple[int, str]]:
        """The lines of modules that were exempt from a rule at an instant."""
        return frozenset(
            (one.module_id, one.line)
            for one in self._standing(at)
            if one.module_id is not None and one.line and one.rule in {"", rule}
        )

    def _standing(self, at: datetime) -> list[Exempted]:
        return [one for one in self.spans if one.since <= at < one.until]
