"""The emergency stop: operators halt everything at once, and let it go on."""

from datetime import datetime

from lifecycle.exceptions import Stopped, UnknownThing
from lifecycle.models import EmergencyStop
from lifecycle.permissions import Actor, require_operator
from lifecycle.selectors.stops import current_stop
from lifecycle.services.audit import record
from lineage.ingest.bulk import graph_lock

SUBJECT = "every sunset"


def start_stop(*, actor: Actor, reason: str, now: datetime) -> EmergencyStop:
    """Stop everything: once this returns nothing is announced, sunset or purged.

    Restoring still works. One that is on already stays as it is. Raises PermissionDenied.
    """
    require_operator(actor, "stop every sunset")
    with graph_lock():
        standing = current_stop()
        if standing is not None:
            return standing
        stop = EmergencyStop.objects.create(
            reason=reason, started_by=actor.name[:256], started_at=now
        )
        record(
            actor, "stop", SUBJECT, at=now, reason=reason, evidence={"stop": stop.pk},
            before={"is_on": False}, after={"is_on": True},
        )  # fmt: skip
    return stop


def end_stop(*, actor: Actor, reason: str, now: datetime) -> EmergencyStop:
    """Let everything go on; raises PermissionDenied, UnknownThing where nothing is stopped."""
    require_operator(actor, "let sunsets go on")
    with graph_lock():
        stop = current_stop()
        if stop is None:
            raise UnknownThing("emergency stop")
        EmergencyStop.objects.filter(pk=stop.pk, is_on=True).update(
            is_on=None, ended_by=actor.name[:256], ended_at=now
        )
        record(
            actor, "end stop", SUBJECT, at=now, reason=reason, evidence={"stop": stop.pk},
            before={"is_on": True}, after={"is_on": False},
        )  # fmt: skip
        stop.refresh_from_db()
    return stop


def require_no_stop() -> None:
    """Raise Stopped while one is on; called under the graph lock it holds for the transaction."""
    stop = current_stop()
    if stop is not None:
        raise Stopped(stop.started_by, stop.reason)
