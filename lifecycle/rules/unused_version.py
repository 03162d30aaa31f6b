"""Rule ``unused-version``: old versions nobody uses, the newest of each line kept (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import Policies, RulePolicy
from lifecycle.policies.selection import Subject
from lifecycle.policies.settings import number
from lifecycle.rules.base import (
    Default,
    Flag,
    Rule,
    SubjectKind,
    counted,
    how_long,
    module_subject,
    under,
)
from lifecycle.rules.facts import Facts, Need, VersionFacts

NAME = "unused-version"
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class UnusedVersionSettings:
    """How many versions of a line stay whatever happens, and how long the others wait."""

    keep_newest: int = number(5, "newest versions of each line that stay", least=1, most=10_000)
    unused_for_days: int = number(90, "days without use")


def flag_unused_versions(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag, a module at a time, the versions nobody uses, wants or is to keep.

    Kept are the newest of each major line, the module's newest, what is in use, what
    some current consumer's range resolves to today (so that nothing moves when the others
    go), what something else speaks for, and all of it where nobody vouches for use.
    """
    by_module: dict[int, list[VersionFacts]] = defaultdict(list)
    for version in facts.versions:
        by_module[version.module_id].append(version)
    for versions in by_module.values():
        first = versions[0]
        policy = policies.flagging(Subject(first.ecosystem, first.module, first.owner_id))
        if policy is None:
            continue
        old = list(_unused(versions, policy.settings, facts.now))
        if old:
            yield _flag(old, policy, facts.now)


def _unused(
    versions: Iterable[VersionFacts], settings: UnusedVersionSettings, now: datetime
) -> Iterator[tuple[VersionFacts, datetime]]:
    """What may go, oldest first, each with since when it has been unused."""
    for version in sorted(versions, key=lambda one: one.rank):
        if version.newer_in_line < settings.keep_newest:
            continue
        since = _unused_since(version)
        if since is not None and since + timedelta(days=settings.unused_for_days) <= now:
            yield version, since


def _unused_since(version: VersionFacts) -> datetime | None:
    if version.is_newest or version.is_in_use or version.wanted_by or version.is_covered:
        return None
    if version.vouched_since is None:
        return None
    instants = (version.last_used_at, version.published_at, version.vouched_since)
    return max(at for at in instants if at is not None)


def _flag(old: list[tuple[VersionFacts, datetime]], policy: RulePolicy, now: datetime) -> Flag:
    first, settings = old[0][0], policy.settings
    since = max(at for _, at in old)  # since then it has been so of all of them
    return Flag(
        rule=NAME,
        subject=module_subject(first.module_id, "versions"),
        module_id=first.module_id,
        ecosystem=first.ecosystem,
        owner_id=first.owner_id,
        since=since,
        reason=f"Nobody has used {counted(len(old), 'old version')} for {how_long(since, now)} or "
        f"longer; the newest {settings.keep_newest:,} of each line stay.",
        version_ids=tuple(version.version_id for version, _ in old),
        size=len(old),
        evidence={
            "label": f"{first.module}: {counted(len(old), 'old version')}",
            "module": first.module,
            "versions": len(old),
            "oldest": old[0][0].version,
            "newest": old[-1][0].version,
            "named": [version.version for version, _ in old[:MOST_NAMED]],
            "version_ids": [version.version_id for version, _ in old],
            "kept_newest": settings.keep_newest,
        },
        **under(policy),
    )


RULE = Rule(
    name=NAME,
    word="Unused versions",
    sentence="old versions nobody uses, beyond the newest of each line",
    one="nobody uses",
    many="modules have old versions nobody uses",
    mark="unused",
    place=2,
    subject=SubjectKind.VERSIONS,
    need=Need.VERSIONS,
    flags=flag_unused_versions,
    settings=UnusedVersionSettings,
    defaults=(Default("Old unused versions"),),
)
