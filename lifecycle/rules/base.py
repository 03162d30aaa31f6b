"""What every rule is, and what it yields (pure)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lifecycle.policies.precedence import Effect, Policies, RulePolicy
from lifecycle.policies.selection import Selection
from lifecycle.policies.settings import NoSettings
from lifecycle.rules.facts import Facts, Need


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing a rule flags under a policy: its subject is unique among the rule's flags.

    ``version_ids`` and ``deployment_id`` are what would go; a flag of an advisory rule
    has neither.
    """

    rule: str
    subject: str
    module_id: int
    ecosystem: str
    owner_id: int | None
    since: datetime
    reason: str
    line: str = ""
    parent_line: str = ""  # of a minor line the major one it is part of
    deployment_id: int | None = None
    version_ids: tuple[int, ...] = ()
    source_ids: tuple[int, ...] = ()  # who reports the deployment
    evidence: dict[str, Any] = field(default_factory=dict)
    size: int = 1  # how many things would go
    policy_id: int | None = None
    policy_name: str = ""
    is_automatic: bool = False

    @property
    def label(self) -> str:
        """What is flagged, by name."""
        return str(self.evidence.get("label", self.subject))


class SubjectKind(StrEnum):
    """What a rule's findings are about."""

    LINE = "line"
    VERSIONS = "versions"  # some versions of one module
    DEPLOYMENT = "deployment"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Default:
    """How a rule is set where nobody made a policy; ``days`` fill it from the settings."""

    name: str
    effect: Effect = Effect.ASK
    tier: str = ""
    grace_days: int = 0
    settings: Callable[["Numbers"], Any] | None = None  # None: the rule's own defaults

    @property
    def selection(self) -> Selection:
        return Selection(tier=self.tier)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the installation's settings say about waiting, in days."""

    unused_for: int = 30
    ownerless_wait: int = 7
    restorable_for: int = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it is called, what it needs to know, how it decides.

    ``flags`` is given the facts and the rule's policies; it yields what is flagged now
    and reads nothing else. ``word`` heads its findings, ``sentence`` explains them,
    ``one`` and ``many`` end "tv-home …" and "12 …" in a notice's title. Only what an
    actionable rule flags can be sunset; it rests on something not being seen, so it
    opens nothing while a source that would have seen it is blind.
    """

    name: str
    word: str
    sentence: str
    one: str
    many: str
    mark: str  # the state it is drawn as
    place: int  # among the rules, from the first
    subject: SubjectKind
    need: Need
    flags: Callable[[Facts, Policies], Iterator[Flag]]
    settings: type[Any] = NoSettings
    is_actionable: bool = True
    defaults: tuple[Default, ...] = ()

    @property
    def has_place(self) -> bool:
        """Whether a policy of it may select by environment, tier and region."""
        return self.subject is SubjectKind.DEPLOYMENT


def under(policy: RulePolicy) -> dict[str, Any]:
    """What a flag says of the policy it was judged under."""
    return {
        "policy_id": policy.id,
        "policy_name": policy.name,
        "is_automatic": policy.is_automatic,
    }


def line_subject(module_id: int, line: str) -> str:
    """How findings and notices name a line."""
    return f"module:{module_id}:line:{line}"


def deployment_subject(deployment_id: int) -> str:
    """How findings and notices name a deployment."""
    return f"deployment:{deployment_id}"


def module_subject(module_id: int, what: str) -> str:
    """How findings and notices name what is flagged of a whole module."""
    return f"module:{module_id}:{what}"


def text_of(at: datetime | None) -> str | None:
    """An instant as evidence keeps it."""
    return at.isoformat() if at else None


def counted(number: int, noun: str) -> str:
    """``1 version``, ``12 versions``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def how_long(since: datetime, now: datetime) -> str:
    """Whole days that have passed, in words."""
    days = (now - since).days
    return counted(days, "day") if days > 0 else "less than a day"
