"""The check at the last moment: which items may go on the data of this very transaction."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.services.plans import (
    PAUSES,
    UNFORCEABLE,
    Draft,
    PlanBlocker,
    PlanRequest,
    draft_for,
    findings_of,
)
from lineage.services.usage_check import live_users_now

MOST_NAMED = 20
Refused = list[tuple[SunsetItem, list[PlanBlocker]]]


@dataclass(slots=True)
class Checked:
    """Items that may go, that are in the way of somebody, and that wait for a source to speak."""

    may_go: list[SunsetItem] = field(default_factory=list)
    blocked: Refused = field(default_factory=list)
    paused: Refused = field(default_factory=list)

    @property
    def blockers(self) -> list[PlanBlocker]:
        """Everything in the way, each once."""
        every = [b for _, found in (*self.blocked, *self.paused) for b in found]
        return list(dict.fromkeys(every))


def request_of(sunset: Sunset, rows: Sequence[SunsetItem] | None = None) -> PlanRequest:
    """What a sunset was asked for, or the part of it that some items are of."""
    request = PlanRequest.from_json(sunset.request)
    if rows is None or not request.finding_ids:
        return request
    subjects = {row.subject for row in rows}
    found = Finding.objects.filter(id__in=request.finding_ids).values_list("id", "subject")
    return PlanRequest(
        finding_ids=tuple(sorted(pk for pk, subject in found if subject in subjects))
    )


def findings_for(sunset: Sunset, rows: Sequence[SunsetItem]) -> list[Finding]:
    """The findings these items go for, also those that closed since.

    What counts is what their rules say now: a sunset that was blocked goes on once the
    thing is flagged again.
    """
    return findings_of(request_of(sunset, rows), and_closed=True)


def check(
    sunset: Sunset, rows: Sequence[SunsetItem], findings: list[Finding], *, now: datetime
) -> Checked:
    """Plan these items again and say of each whether it may go.

    The snapshot must be that of the transaction. Force overrules use, freezes and
    missing flags, never an exemption nor that there is nothing left to take.
    """
    request = request_of(sunset, rows)
    draft = draft_for(request, findings, now=now, of_sunset=sunset.pk)
    in_the_way: dict[str, list[PlanBlocker]] = defaultdict(list)
    for blocker in draft.blockers:
        if not sunset.is_forced or blocker.kind in UNFORCEABLE:
            in_the_way[blocker.subject].append(blocker)
    checked = Checked()
    for row in rows:
        found = in_the_way[row.subject]
        if not found and not _is_listed(row, draft, is_forced=sunset.is_forced):
            found = list(_in_the_way_of(row, now))
        if not found:
            checked.may_go.append(row)
        elif all(blocker.kind in PAUSES for blocker in found):
            checked.paused.append((row, found))
        else:
            checked.blocked.append((row, found))
    return checked


def _is_listed(row: SunsetItem, draft: Draft, *, is_forced: bool) -> bool:
    """Whether it would be planned again; once forced it is enough that it is still there."""
    key = ("version", row.version_id) if row.version_id else ("deployment", row.deployment_id)
    if key in draft.items:
        return True
    if not is_forced:
        return False
    if row.version is not None:
        return row.version.sunset_at is None
    return row.deployment is not None and row.deployment.ended_at is None


def _in_the_way_of(row: SunsetItem, now: datetime) -> Iterator[PlanBlocker]:
    """By name, what took one item out of what else still goes."""
    users = live_users_now([row.version_id], now=now) if row.version_id else []
    for user in users[:MOST_NAMED]:
        yield PlanBlocker(
            "live_deployment", user.key, f"runs {user.module} {user.version}", user.owner,
            user.ecosystem, user.module, user.version, row.subject,
        )  # fmt: skip
    if not users:
        yield PlanBlocker("gone", row.label, "is no longer part of what goes", subject=row.subject)
