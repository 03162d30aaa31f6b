"""The pipeline's gate: whether what a manifest wants may be used (pure).

A policy says per kind of trouble whether it is passed over, warned of or refused, and
from where on a version is too far behind. A request can make it stricter, never looser.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from lifecycle.exceptions import LooserPolicy
from lifecycle.gate_fixes import Candidate, Fix, Takes, fix_of
from lineage.ingest.manifest import Asked


class Level(IntEnum):
    """How bad something is; the worst is the verdict."""

    PASS = 0
    WARN = 1
    FAIL = 2

    @property
    def word(self) -> str:
        return self.name.lower()


YANKED, SUNSET, UNSATISFIABLE = "yanked", "sunset", "unsatisfiable"
DYING, DEPRECATED, BEHIND, UNKNOWN = "dying", "deprecated", "behind", "unknown"
KINDS = (SUNSET, YANKED, UNSATISFIABLE, DYING, DEPRECATED, BEHIND, UNKNOWN)


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """``levels``: kind -> level, pass where it is not named.

    What dies within ``dying_days`` is refused wherever dying is warned of. Behind is
    what is more than ``max_majors`` major versions, or more than ``max_days`` days of
    publication, from the newest.
    """

    levels: Mapping[str, Level]
    dying_days: int
    max_majors: int
    max_days: int

    def level(self, kind: str) -> Level:
        return self.levels.get(kind, Level.PASS)


@dataclass(frozen=True, slots=True)
class Stricter:
    """What a request asks for beyond the policy; None and empty ask for nothing."""

    fail: Collection[str] = ()
    warn: Collection[str] = ()
    dying_days: int | None = None
    max_majors: int | None = None
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one wanted thing. ``taken`` is the version it would get.

    ``is_module_known`` and ``is_version_known``: whether anything of that name was ever
    heard of. ``message`` and ``replacement`` are those of the deprecation of ``taken``.
    """

    asked: Asked
    is_module_known: bool = True
    is_version_known: bool = True
    taken: Candidate | None = None
    newest: str = ""
    yanked_because: str = ""
    message: str = ""
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One trouble with one wanted thing."""

    kind: str
    level: Level
    asked: Asked
    version: str
    sentence: str
    sunset_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer; reasons worst first, each fix once."""

    level: Level
    reasons: tuple[Reason, ...]
    checked: int

    @property
    def counts(self) -> dict[str, int]:
        """Reasons by kind."""
        found = dict.fromkeys(KINDS, 0)
        for reason in self.reasons:
            found[reason.kind] += 1
        return found


def stricter(policy: GatePolicy, wanted: Stricter) -> GatePolicy:
    """The policy as a request wants it; raises LooserPolicy where that asks for less."""
    levels = dict(policy.levels)
    both = set(wanted.fail) & set(wanted.warn)
    if both:
        raise LooserPolicy("warn", f"{sorted(both)[0]} is asked to fail as well")
    for field, level, kinds in (
        ("fail", Level.FAIL, wanted.fail),
        ("warn", Level.WARN, wanted.warn),
    ):
        for kind in kinds:
            if kind not in KINDS:
                raise LooserPolicy(field, f"there is no {kind}; there are {', '.join(KINDS)}")
            if level < policy.level(kind):
                raise LooserPolicy(field, f"{kind} fails here")
            levels[kind] = level
    policy = replace(policy, levels=levels)
    for name, sign in (("dying_days", 1), ("max_majors", -1), ("max_days", -1)):
        value, now = getattr(wanted, name), getattr(policy, name)
        if value is None:
            continue
        if (value - now) * sign < 0:
            words = "at least" if sign > 0 else "at most"
            raise LooserPolicy(name, f"it must be {words} {now} here")
        policy = replace(policy, **{name: value})
    return policy


def judge(facts: Iterable[Facts], policy: GatePolicy, *, now: datetime) -> Verdict:
    """Pass, warn or fail, and why."""
    checked, reasons = 0, []
    for one in facts:
        checked += 1
        reasons += [reason for reason in _reasons(one, policy, now) if reason.level]
    reasons.sort(key=lambda reason: (-reason.level, KINDS.index(reason.kind), reason.asked))
    level = max((reason.level for reason in reasons), default=Level.PASS)
    return Verdict(level, tuple(reasons), checked)


def fixes(
    verdict: Verdict,
    policy: GatePolicy,
    facts: Mapping[Asked, Facts],
    shelves: Mapping[tuple[str, str], tuple[tuple[Candidate, ...], Takes]],
) -> tuple[Fix, ...]:
    """The smallest move that clears all reasons of each wanted thing, where there is one.

    ``shelves``: of a module its versions, oldest first, and what ranges on it take.
    """
    found = []
    for asked in dict.fromkeys(reason.asked for reason in verdict.reasons):
        if (asked.ecosystem, asked.module) not in shelves:
            continue
        every, takes = shelves[asked.ecosystem, asked.module]
        near = tuple(
            one for one in every if one.majors <= policy.max_majors and one.days <= policy.max_days
        )
        # What is too far behind today must not be so again.
        allowed = near if policy.level(BEHIND) else every
        fix = fix_of(asked, facts[asked].taken, allowed, takes, facts[asked].replacement)
        if fix is not None:
            found.append(fix)
    return tuple(found)


def _reasons(one: Facts, policy: GatePolicy, now: datetime) -> Iterable[Reason]:
    asked, taken = one.asked, one.taken
    name = asked.module
    if not one.is_module_known:
        yield _reason(one, policy, UNKNOWN, f"{name} is not known here.")
    elif not one.is_version_known:
        yield _reason(one, policy, UNKNOWN, f"{name} {asked.version} is not known here.")
    elif taken is None:
        yield _reason(one, policy, UNSATISFIABLE, f"Nothing satisfies {name} {asked.range}.")
    else:
        yield from _of_version(one, taken, policy, now)


def _of_version(
    one: Facts, taken: Candidate, policy: GatePolicy, now: datetime
) -> Iterable[Reason]:
    label = f"{one.asked.module} {taken.version}"
    if taken.is_sunset:
        yield _reason(one, policy, SUNSET, f"{label} is sunset.")
    if taken.is_yanked:
        yield _reason(one, policy, YANKED, _because(f"{label} is yanked", one.yanked_because))
    if taken.is_deprecated and taken.dies_at is not None:
        yield _dying(one, label, taken.dies_at, policy, now)
    elif taken.is_deprecated:
        yield _reason(one, policy, DEPRECATED, _because(f"{label} is deprecated", one.message))
    is_far = taken.majors > policy.max_majors
    if is_far or taken.days > policy.max_days:
        by = f"{taken.majors:,} major versions" if is_far else f"{taken.days:,} days"
        yield _reason(one, policy, BEHIND, f"{label} is {by} behind {one.newest}.")


def _dying(one: Facts, label: str, dies_at: datetime, policy: GatePolicy, now: datetime) -> Reason:
    level = policy.level(DYING)
    if level is Level.WARN and dies_at <= now + timedelta(days=policy.dying_days):
        level = Level.FAIL
    word = "was to be sunset on" if dies_at <= now else "dies on"
    sentence = _because(f"{label} {word} {dies_at:%Y-%m-%d}", one.message)
    return replace(_reason(one, policy, DYING, sentence), level=level, sunset_at=dies_at)


def _reason(one: Facts, policy: GatePolicy, kind: str, sentence: str) -> Reason:
    version = one.taken.version if one.taken else one.asked.version
    return Reason(kind, policy.level(kind), one.asked, version, sentence)


def _because(sentence: str, why: str) -> str:
    why = " ".join(why.split()).rstrip(".")[:300]
    return f"{sentence}: {why}." if why else f"{sentence}."
