"""What a plan is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lifecycle.models import Finding
from lifecycle.policies.terms import Terms
from lifecycle.rules.base import Flag

# Time and delivery take these away: a plan may be announced with them, not executed.
WAITS = frozenset({"not_told", "ownerless"})
# Nothing to decide about: these stand whoever forces it.
UNFORCEABLE = frozenset({"gone", "ended", "extended", "closed", "exempt", "under_way", "advisory"})
# Nothing goes while these stand, and nothing is given up because of them either.
PAUSES = frozenset({"frozen"})


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to go: open findings by id, or one line of a module.

    ``is_drained``: a campaign emptied the line, so it need not be flagged nor have waited.
    """

    finding_ids: tuple[int, ...] = ()
    module_id: int | None = None
    line: str = ""
    is_drained: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the sunset's row."""
        return {
            "finding_ids": list(self.finding_ids),
            "module_id": self.module_id,
            "line": self.line,
            "is_drained": self.is_drained,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "PlanRequest":
        """As it was asked when the sunset was announced."""
        return cls(
            finding_ids=tuple(stored.get("finding_ids", ())),
            module_id=stored.get("module_id"),
            line=stored.get("line", ""),
            is_drained=stored.get("is_drained", False),
        )


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One version or deployment that would go; ``subject`` is what it goes for."""

    kind: str  # version, deployment
    id: int
    label: str
    ecosystem: str
    module: str
    version: str
    owner_id: int | None
    owner: str
    detail: str
    subject: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """Names it among all items."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class PlanBlocker:
    """A named thing that stands in the way of what goes for ``subject``."""

    kind: str
    name: str
    detail: str
    owner: str = ""
    ecosystem: str = ""
    module: str = ""
    version: str = ""
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.detail}".strip()

    def as_json(self) -> dict[str, str]:
        """For the row of the item it dropped."""
        return {
            "kind": self.kind, "name": self.name, "detail": self.detail, "owner": self.owner,
            "ecosystem": self.ecosystem, "module": self.module, "version": self.version,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Executing it does exactly ``items``, as long as ``hash`` is still that of the data."""

    request: PlanRequest
    title: str
    items: list[PlanItem]
    blockers: list[PlanBlocker]
    findings: list[Finding]
    reasons: list[str]
    owners: list[tuple[int | None, str]]
    hash: str
    epoch: int
    made_at: datetime
    terms: Terms

    @property
    def restorable_until(self) -> datetime:
        """Until when it could be taken back if all of it went now."""
        return self.made_at + self.terms.restorable_for

    @property
    def standing(self) -> list[PlanBlocker]:
        """The blockers that neither time nor delivery takes away."""
        return [blocker for blocker in self.blockers if blocker.kind not in WAITS]

    @property
    def waits(self) -> list[PlanBlocker]:
        """What only has to be waited for."""
        return [blocker for blocker in self.blockers if blocker.kind in WAITS]


@dataclass(slots=True)
class Draft:
    """A plan in the making."""

    items: dict[tuple[str, int], PlanItem] = field(default_factory=dict)
    blockers: list[PlanBlocker] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    # Subject -> (label, owner, its finding): whose owner has to know.
    concerned: dict[str, tuple[str, int | None, Finding | None]] = field(default_factory=dict)

    # (rule, subject) -> the flag it has at this moment.
    flags: dict[tuple[str, str], Flag] = field(default_factory=dict)

    def flag_of(self, finding: Finding) -> Flag | None:
        """What its rule says now; None where it is no longer flagged."""
        return self.flags.get((finding.rule, finding.subject))

    def add(self, item: PlanItem) -> None:
        """List an item; one that goes for two things is listed once."""
        self.items.setdefault(item.key, item)
