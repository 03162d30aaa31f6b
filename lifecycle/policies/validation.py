"""What somebody typed as a policy: checked whole before it is saved (pure)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lifecycle.policies.precedence import Effect, RulePolicy
from lifecycle.policies.selection import Selection
from lifecycle.policies.settings import InvalidSettings, read_settings
from lifecycle.policies.terms import WEEK, Terms, Window
from lifecycle.rules.base import Rule
from lifecycle.rules.registry import RULES

TIERS = ("preprod", "prod")
LONGEST_DAYS = 3_650
MOST_ITEMS = 1_000_000
WINDOW_KEYS = {"weekdays", "opens", "closes", "zone"}
Fault = tuple[str, str]  # field, what is wrong with it


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy as it was typed; nothing of it is checked yet."""

    name: str
    rule: str
    description: str = ""
    effect: str = Effect.ASK.value
    is_enabled: bool = True
    ecosystem: str = ""
    owner_id: int | None = None
    module_pattern: str = ""
    environment: str = ""
    tier: str = ""
    region: str = ""
    settings: Any = field(default_factory=dict)
    grace_days: int = 0
    ownerless_wait_days: int = 7
    restorable_days: int = 30
    window: Any = field(default_factory=dict)
    batch_size: int = 500
    daily_cap: int = 5_000
    executor: str = "record"

    @property
    def selection(self) -> Selection:
        return Selection(
            ecosystem=self.ecosystem,
            owner_id=self.owner_id,
            module_pattern=self.module_pattern,
            environment=self.environment,
            tier=self.tier,
            region=self.region,
        )


def faults_of(draft: PolicyDraft, *, executors: Collection[str]) -> dict[str, list[str]]:
    """What is wrong with a draft, field by field; empty where it may be saved.

    ``executors`` are the names there are. That its name is free and its owner exists
    only the database knows.
    """
    found: dict[str, list[str]] = {}
    for name, words in _faults(draft, executors):
        found.setdefault(name, []).append(words)
    return found


def policy_of(draft: PolicyDraft, *, id: int | None = None, order: int) -> RulePolicy:
    """The policy a draft without faults is."""
    return RulePolicy(
        name=draft.name,
        rule=draft.rule,
        effect=Effect(draft.effect),
        selection=draft.selection,
        settings=read_settings(RULES[draft.rule].settings, draft.settings),
        terms=Terms(
            grace=timedelta(days=draft.grace_days),
            ownerless_wait=timedelta(days=draft.ownerless_wait_days),
            restorable_for=timedelta(days=draft.restorable_days),
            window=window_of(draft.window),
            batch_size=draft.batch_size,
            daily_cap=draft.daily_cap,
            executor=draft.executor,
        ),
        id=id,
        order=order,
    )


def window_of(raw: Mapping[str, Any]) -> Window:
    """The window as it is stored; empty is always open. Raises ValueError."""
    if not isinstance(raw, Mapping):
        raise ValueError("must be an object")
    if unknown := sorted(str(key) for key in set(raw) - WINDOW_KEYS):
        raise ValueError(f"has no {', '.join(unknown)}")
    weekdays = raw.get("weekdays", list(WEEK))
    if not isinstance(weekdays, list | tuple) or not weekdays or not set(weekdays) <= set(WEEK):
        raise ValueError("weekdays must be some of 0 (Monday) to 6")
    zone = raw.get("zone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise ValueError(f"{zone!r} is no time zone such as Europe/Berlin") from error
    opens, closes = _time(raw.get("opens", "00:00")), _time(raw.get("closes", "00:00"))
    if closes != time(0) and closes <= opens:
        raise ValueError("it must close after it opens, on the same day")
    return Window(tuple(sorted(set(weekdays))), opens, closes, zone)


def _time(text: Any) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is no time of day such as 09:30") from error


def _faults(draft: PolicyDraft, executors: Collection[str]) -> Iterator[Fault]:
    if not draft.name.strip():
        yield "name", "Give it a name."
    if draft.tier and draft.tier not in TIERS:
        yield "tier", "There is preprod and prod."
    if draft.executor not in executors:
        yield "executor", f"There is no executor {draft.executor}."
    yield from _numbers(draft)
    yield from _said("window", lambda: window_of(draft.window))
    rule = RULES.get(draft.rule)
    if rule is None:
        yield "rule", f"There is no rule {draft.rule}."
        return
    yield from _of_rule(draft, rule)


def _of_rule(draft: PolicyDraft, rule: Rule) -> Iterator[Fault]:
    if draft.effect not in set(Effect):
        yield "effect", "It keeps, asks or is automatic."
    elif draft.effect == Effect.AUTOMATIC and not rule.is_actionable:
        yield "effect", f"{rule.word} only advises: nothing can go by it."
    if not rule.has_place:
        for name in ("environment", "tier", "region"):
            if getattr(draft, name):
                yield name, f"{rule.word} is not about deployments: leave this empty."
    try:
        read_settings(rule.settings, draft.settings)
    except InvalidSettings as error:
        for name, why in error.faults.items():
            yield "settings", f"{name} {why}"


def _numbers(draft: PolicyDraft) -> Iterator[Fault]:
    bounds = {
        "grace_days": (0, LONGEST_DAYS),
        "ownerless_wait_days": (0, LONGEST_DAYS),
        "restorable_days": (1, LONGEST_DAYS),
        "batch_size": (1, 10_000),
        "daily_cap": (0, MOST_ITEMS),
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(draft, name) <= most:
            yield name, f"It must be from {least:,} to {most:,}."


def _said(name: str, read: Callable[[], object]) -> Iterator[Fault]:
    try:
        read()
    except ValueError as error:
        yield name, f"{error}"
