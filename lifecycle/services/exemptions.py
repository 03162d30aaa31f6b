"""Exemptions: asked for with a reason and an end, answered by somebody else, ended, reminded of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from lifecycle.exceptions import CannotExempt, PermissionDenied, UnknownThing
from lifecycle.models import Exemption, Finding, Notice
from lifecycle.permissions import Actor
from lifecycle.rules.registry import RULES
from lifecycle.selectors.exemptions import SOON, biting, exemption_by_id, exemptions_of, owners_of
from lifecycle.services.audit import record
from lifecycle.services.findings import FINDINGS_LOCK
from lifecycle.services.notices import write_notices
from lineage.ingest.bulk import exclusive
from lineage.ingest.known import batches
from lineage.models import Deployment, Module

LONGEST = timedelta(days=366)
State = Exemption.State


@dataclass(frozen=True, slots=True)
class ExemptionRequest:
    """What is to stay and until when: a module, a line of it, or the deployments of one key.

    Without a rule it is to be kept from all rules.
    """

    expires_at: datetime
    reason: str
    rule: str = ""
    module_id: int | None = None
    line: str = ""
    deployment_key: str = ""


def request_exemption(request: ExemptionRequest, *, actor: Actor, now: datetime) -> Exemption:
    """Ask that something is kept; whoever may sunset it may ask. It bites once approved.

    Raises PermissionDenied, UnknownThing where there is no such thing, CannotExempt for
    a request without a reason, an end, or a rule there is.
    """
    owner_id = _owner_of(request)
    _require(actor, owner_id, "ask for this exemption")
    _check(request, now)
    with transaction.atomic():
        row = Exemption.objects.create(
            rule=request.rule,
            module_id=request.module_id,
            line=request.line,
            deployment_key=request.deployment_key,
            reason=request.reason.strip(),
            requested_by=actor.name[:256],
            requested_at=now,
            expires_at=request.expires_at,
        )
        _note(row, actor, "request exemption", row.reason, now, before={})
        words = f"{actor.name} asks to keep it until {row.expires_at:%-d %b %Y}: {row.reason}"
        write_notices([_notice(row, None, f"{name_of(row)}: exemption asked for", words, now)])
    return row


def approve_exemption(pk: int, *, actor: Actor, reason: str, now: datetime) -> Exemption:
    """Let it bite, at once on every finding it keeps.

    An operator may, and another member of the team that owns the thing: never the one
    who asked, unless an operator. Raises PermissionDenied, UnknownThing, CannotExempt.
    """
    with transaction.atomic():
        row = _decide(pk, State.APPROVED, actor, reason, now)
        _bite(row, now)
    return row


def decline_exemption(pk: int, *, actor: Actor, reason: str, now: datetime) -> Exemption:
    """Answer no, with the reason; whoever may approve may. Raises as ``approve_exemption``."""
    with transaction.atomic():
        return _decide(pk, State.DECLINED, actor, reason, now)


def end_exemption(pk: int, *, actor: Actor, reason: str, now: datetime) -> Exemption:
    """End one before its time, or take back a request; whoever may sunset the thing may.

    What it kept is told anew to its owner by the next sweep before it can go. Raises
    PermissionDenied, UnknownThing, CannotExempt.
    """
    with transaction.atomic():
        row = exemption_by_id(pk)
        _require(actor, owner_of(row), "end this exemption")
        before = row.state
        standing = Exemption.objects.filter(pk=pk, state__in=(State.REQUESTED, State.APPROVED))
        if not standing.update(
            state=State.ENDED, ended_by=actor.name[:256], ended_at=now, end_reason=reason
        ):
            raise CannotExempt(f"it is {row.state} already")
        row = exemption_by_id(pk)
        _note(row, actor, "end exemption", reason, now, before={"state": before})
        return row


def remind_of_exemptions(now: datetime) -> int:
    """Tell owners of exemptions that run out within a week, each once; returns how many."""
    due = biting(now).filter(expires_at__lte=now + SOON, reminded_at=None).order_by("id")
    written = 0
    for row in due.select_related("module__owner"):
        if not Exemption.objects.filter(pk=row.pk, reminded_at=None).update(reminded_at=now):
            continue
        row.reminded_at = now
        words = (
            f"It runs out on {row.expires_at:%-d %b %Y}; then what it keeps can be sunset. "
            f"It was asked for by {row.requested_by}: {row.reason}"
        )
        title = f"{name_of(row)}: exemption about to run out"
        write_notices([_notice(row, owner_of(row), title, words, now)])
        written += 1
    return written


def name_of(row: Exemption) -> str:
    """What is kept, by name."""
    return str(row)


def owner_of(row: Exemption) -> int | None:
    """The team that owns what is kept today; None for nobody's."""
    return owners_of([row])[row.pk]


def may_answer(row: Exemption, actor: Actor, *, owner_id: int | None) -> bool:
    """Whether the actor may approve or decline what a team owns."""
    if "lifecycle" not in actor.scopes:
        return False
    if actor.is_operator:
        return True
    return actor.may_sunset(owner_id) and actor.name != row.requested_by


def _owner_of(request: ExemptionRequest) -> int | None:
    if (request.module_id is None) == (not request.deployment_key):
        raise CannotExempt("name either a module or a deployment")
    if request.module_id is not None:
        module = Module.objects.filter(pk=request.module_id).first()
        if module is None:
            raise UnknownThing("module")
        if request.line and not _has_line(module, request.line):
            raise UnknownThing("line")
        return module.owner_id
    if request.line:
        raise CannotExempt("a line is one of a module")
    rows = Deployment.objects.live().filter(key=request.deployment_key)
    found = rows.values_list("version__module__owner_id", flat=True).first()
    if found is None and not rows.exists():
        raise UnknownThing("deployment")
    return found


def _has_line(module: Module, line: str) -> bool:
    versions = module.versions.order_by()
    return versions.filter(major_line=line).exists() or versions.filter(minor_line=line).exists()


def _check(request: ExemptionRequest, now: datetime) -> None:
    if not request.reason.strip():
        raise CannotExempt("say why")
    if request.rule and request.rule not in RULES:
        raise CannotExempt(f"there is no rule {request.rule}")
    if request.expires_at <= now:
        raise CannotExempt("it has to end in the future")
    if request.expires_at > now + LONGEST:
        raise CannotExempt(f"it lasts {LONGEST.days} days at most; ask again then")


def _require(actor: Actor, owner_id: int | None, what: str) -> None:
    if not actor.may_sunset(owner_id):
        raise PermissionDenied(actor.name, what)


def _decide(pk: int, state: str, actor: Actor, reason: str, now: datetime) -> Exemption:
    row = exemption_by_id(pk)
    if not may_answer(row, actor, owner_id=owner_of(row)):
        raise PermissionDenied(actor.name, "answer this request")
    if row.expires_at <= now:
        raise CannotExempt("its time is over")
    waiting = Exemption.objects.filter(pk=pk, state=State.REQUESTED)
    if not waiting.update(state=state, decided_by=actor.name[:256], decided_at=now):
        raise CannotExempt(f"it is {row.state} already")
    row = exemption_by_id(pk)
    verb = "approve" if state == State.APPROVED else "decline"
    _note(row, actor, f"{verb} exemption", reason, now, before={"state": State.REQUESTED})
    said = f"{actor.name} {'approved' if state == State.APPROVED else 'declined'} it. {reason}"
    write_notices([_notice(row, owner_of(row), f"{name_of(row)}: exemption {state}", said, now)])
    return row


def _bite(row: Exemption, now: datetime) -> None:
    """Mark the open findings it keeps; the sweep goes on doing so."""
    kept = Finding.objects.filter(closed_at=None, exemption=None)
    if row.module_id is not None:
        kept = kept.filter(module_id=row.module_id)
    else:
        kept = kept.filter(deployment__key=row.deployment_key)
    with exclusive(FINDINGS_LOCK):
        found = exemptions_of(list(kept.select_related("module")), now=now)
        ids = [pk for pk, exempt in found.items() if exempt.id == row.pk]
        for batch in batches(ids):
            Finding.objects.filter(pk__in=batch).update(exemption=row)


def _note(
    row: Exemption, actor: Actor, action: str, reason: str, now: datetime, *, before: dict[str, Any]
) -> None:
    evidence: dict[str, Any] = {"exemption": row.pk, "rule": row.rule, "line": row.line}
    if row.module is not None:
        evidence["module"] = row.module.name
    after = {"state": row.state, "expires_at": row.expires_at.isoformat()}
    record(
        actor, action, name_of(row), at=now, reason=reason, evidence=evidence, before=before,
        after=after,
    )  # fmt: skip


def _notice(row: Exemption, team_id: int | None, title: str, body: str, now: datetime) -> Notice:
    return Notice(
        team_id=team_id,
        kind=Notice.Kind.EXEMPTION,
        title=title[:300],
        body=body.strip(),
        module_id=row.module_id,
        dedupe_key=f"exemption:{row.pk}:{row.state}:{team_id or 0}:{row.reminded_at or 0}"[:300],
        created_at=now,
    )
