"""The check at the last moment: which items may go on the data of this very transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.models import Finding, Sunset, SunsetItem
from lifecycle.services.plans import (
    PAUSES,
    UNFORCEABLE,
    PlanBlocker,
    PlanRequest,
    draft_for,
    findings_of,
)

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


def findings_for(
    sunset: Sunset, rows: Sequence[SunsetItem], *, and_closed: bool = False
) -> list[Finding]:
    """The findings these items go for; once forced, those that closed since as well."""
    return findings_of(request_of(sunset, rows), and_closed=and_closed or sunset.is_forced)


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
        key = ("version", row.version_id) if row.version_id else ("deployment", row.deployment_id)
        if not found and key not in draft.items:
            found = [PlanBlocker("gone", row.label, "is no longer part of what goes")]
        if not found:
            checked.may_go.append(row)
        elif all(blocker.kind in PAUSES for blocker in found):
            checked.paused.append((row, found))
        else:
            checked.blocked.append((row, found))
    return checked
