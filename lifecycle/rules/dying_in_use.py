"""Rule ``dying-in-use``: deprecated versions that are still used (pure, advisory)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import Policies
from lifecycle.policies.selection import Subject
from lifecycle.policies.settings import number
from lifecycle.rules.base import (
    Default,
    Flag,
    Rule,
    SubjectKind,
    counted,
    module_subject,
    text_of,
    under,
)
from lifecycle.rules.facts import DeprecationFacts, Facts, Need

NAME = "dying-in-use"
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class DyingSettings:
    """How long after a deprecation its users are expected to have left."""

    deprecated_for_days: int = number(0, "days after the deprecation")


def flag_dying_in_use(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag every deprecation some of whose versions a live deployment is or reaches."""
    for one in facts.deprecations:
        if not one.versions or one.since > facts.now:
            continue
        policy = policies.flagging(Subject(one.ecosystem, one.module, one.owner_id))
        if policy is None:
            continue
        if one.since + timedelta(days=policy.settings.deprecated_for_days) > facts.now:
            continue
        live = one.live_prod + one.live_preprod
        yield Flag(
            rule=NAME,
            subject=module_subject(one.module_id, f"deprecation:{one.id}"),
            module_id=one.module_id,
            ecosystem=one.ecosystem,
            owner_id=one.owner_id,
            since=one.since,
            reason=_reason(one, facts.now),
            size=live,
            evidence={
                "label": f"{one.module} {one.range}"[:500],
                "module": one.module,
                "range": one.range,
                "versions": len(one.versions),
                "named": list(one.versions[:MOST_NAMED]),
                "live_prod": one.live_prod,
                "live_preprod": one.live_preprod,
                "deprecated_at": text_of(one.since),
                "dies_at": text_of(one.dies_at),
                "message": one.message[:500],
                "replacement": one.replacement,
            },
            **under(policy),
        )


def _reason(one: DeprecationFacts, now: datetime) -> str:
    live = one.live_prod + one.live_preprod
    what = "It is deprecated without a date"
    if one.dies_at is not None:
        day = f"{one.dies_at:%-d %b %Y}"
        what = f"It dies on {day}" if one.dies_at > now else f"It was to die on {day}"
    least = "at least " if len(one.versions) > 1 else ""
    return f"{what}; still in use by {least}{counted(live, 'live deployment')}."


RULE = Rule(
    name=NAME,
    word="Dying in use",
    sentence="deprecated, and something live uses it",
    one="is deprecated and still used",
    many="deprecated ranges are still used",
    mark="dying",
    place=7,
    subject=SubjectKind.MODULE,
    need=Need.DEPRECATIONS,
    flags=flag_dying_in_use,
    settings=DyingSettings,
    is_actionable=False,
    defaults=(Default("Deprecated in use"),),
)
