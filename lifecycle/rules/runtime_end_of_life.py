"""Rule ``runtime-end-of-life``: what runs on a runtime past its last day (pure, advisory)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from lifecycle.policies.precedence import Policies, RulePolicy
from lifecycle.policies.selection import Subject
from lifecycle.policies.settings import number, table_of_days
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
from lifecycle.rules.facts import Facts, Need, RuntimeFacts
from lineage.versioning import VersioningError, is_subset

NAME = "runtime-end-of-life"
MOST_NAMED = 50
# As the projects publish them; a policy's own table replaces it whole.
KNOWN = {
    "node": {"14": "2023-04-30", "16": "2023-09-11", "18": "2025-04-30", "20": "2026-04-30"},
    "python": {"3.7": "2023-06-27", "3.8": "2024-10-07", "3.9": "2025-10-31"},
}


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """The last day of each release of each runtime, and how early to say so."""

    ends: dict[str, dict[str, str]] = table_of_days(  # noqa: RUF009 - a field, as number gives
        KNOWN, "last day of each runtime's releases"
    )
    warn_days: int = number(90, "days ahead of its end")


@dataclass(frozen=True, slots=True)
class Ended:
    """A version that is bound to a runtime's release, and when that release ends."""

    facts: RuntimeFacts
    runtime: str
    stated: str
    release: str
    ends_at: datetime


def flag_ended_runtimes(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag, a module at a time, versions that run and are bound to a runtime that has ended.

    A version is bound where all that it states to run on lies in releases of the table:
    ``8``, ``^8`` and ``>=8 <9`` to 8, ``>=8 <10`` to the later of 8 and 9, but ``>=8`` to
    none, as newer ones satisfy it.
    """
    by_module: dict[int, list[RuntimeFacts]] = defaultdict(list)
    for one in facts.runtimes:
        by_module[one.module_id].append(one)
    for versions in by_module.values():
        first = versions[0]
        policy = policies.flagging(Subject(first.ecosystem, first.module, first.owner_id))
        if policy is None:
            continue
        last = facts.now + timedelta(days=policy.settings.warn_days)
        ended = [end for end in _ends(versions, policy.settings.ends) if end.ends_at <= last]
        if ended:
            yield _flag(ended, policy, facts.now)


def _ends(
    versions: Iterable[RuntimeFacts], ends: Mapping[str, Mapping[str, str]]
) -> Iterator[Ended]:
    """For each version the runtime it is bound to that ends first, oldest version first."""
    for facts in sorted(versions, key=lambda one: one.rank):
        found = []
        for name, stated in facts.runtime.items():
            days = tuple(sorted((day, release) for release, day in _named(ends, name).items()))
            bound = _bound_to(str(stated), days)
            if bound is not None:
                found.append(Ended(facts, name, str(stated), bound[1], _last_moment(bound[0])))
        if found:
            yield min(found, key=lambda end: (end.ends_at, end.runtime, end.release))


def _named(ends: Mapping[str, Mapping[str, str]], name: str) -> Mapping[str, str]:
    return ends.get(name) or ends.get(name.lower()) or {}


@lru_cache(maxsize=4096)
def _bound_to(stated: str, days: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    """The day and release by which every release that satisfies what is stated has ended."""
    for place, (day, release) in enumerate(days, start=1):
        if stated.strip().lower() == release.lower():
            return day, release
        until = [name for _, name in days[:place]]
        if _lies_in(stated, until):
            return day, release
    return None


def _lies_in(stated: str, releases: list[str]) -> bool:
    with suppress(VersioningError):
        if is_subset(stated, " || ".join(releases)):
            return True
    with suppress(VersioningError):
        return any(is_subset(stated, f"=={one}.*", scheme="pep440") for one in releases)
    return False


def _last_moment(day: str) -> datetime:
    """The end of the release's last day, in UTC."""
    return datetime.combine(datetime.fromisoformat(day), time.max, tzinfo=UTC)


def _flag(ended: list[Ended], policy: RulePolicy, now: datetime) -> Flag:
    first = min(ended, key=lambda end: (end.ends_at, end.runtime, end.release))
    module = first.facts
    live = sum(end.facts.live_prod + end.facts.live_preprod for end in ended)
    verb = "ended" if first.ends_at <= now else "ends"
    runs = "runs" if live == 1 else "run"
    return Flag(
        rule=NAME,
        subject=module_subject(module.module_id, "runtime"),
        module_id=module.module_id,
        ecosystem=module.ecosystem,
        owner_id=module.owner_id,
        since=min(first.ends_at, now),
        reason=f"{first.runtime} {first.release} {verb} on {first.ends_at:%-d %b %Y}; "
        f"{counted(live, 'live deployment')} {runs} on what has to be left.",
        size=live,
        evidence={
            "label": f"{module.module} on {first.runtime} {first.release}",
            "module": module.module,
            "runtime": first.runtime,
            "release": first.release,
            "ends_at": text_of(first.ends_at),
            "versions": len(ended),
            "named": [f"{e.facts.version}: {e.runtime} {e.stated}"[:200] for e in ended][
                :MOST_NAMED
            ],
            "live_prod": sum(end.facts.live_prod for end in ended),
            "live_preprod": sum(end.facts.live_preprod for end in ended),
        },
        **under(policy),
    )


RULE = Rule(
    name=NAME,
    word="Runtime past its end",
    sentence="runs on a runtime that has ended or is about to",
    one="is past or near the end of its runtime",
    many="modules run on a runtime past its end",
    mark="dying",
    place=8,
    subject=SubjectKind.MODULE,
    need=Need.RUNTIMES,
    flags=flag_ended_runtimes,
    settings=RuntimeSettings,
    is_actionable=False,
    defaults=(Default("Runtimes past their end"),),
)
