"""Snoozes of upgrades: put one aside with a reason, and take it up again."""

from datetime import datetime, timedelta

from django.db import models, transaction

from lifecycle.exceptions import CannotSnooze, PermissionDenied, UnknownThing
from lifecycle.models import UpgradeSnooze
from lifecycle.permissions import Actor
from lifecycle.services.audit import record
from lineage.ingest.bulk import exclusive
from lineage.models import Module
from lineage.selectors.upgrades import MOVES, UpgradeFilter, UpgradeRow, upgrades

LONGEST = timedelta(days=366)
MOST_REASON = 2_000
LOCK = 0x50A0  # any number that nothing else locks


def snooze(
    consumer: Module,
    dependency: Module,
    *,
    until: datetime,
    reason: str,
    actor: Actor,
    now: datetime,
) -> UpgradeSnooze:
    """Put the consumer's upgrade of the dependency aside until then, or until it gets worse.

    Takes the place of an earlier one. Raises PermissionDenied to who may not act for the
    consumer's owner, CannotSnooze where nothing can move, no reason is given, or the
    time is past, more than a year off or after the day on which the version dies.
    """
    reason = " ".join(reason.split())
    _require(actor, consumer)
    if not reason or len(reason) > MOST_REASON:
        raise CannotSnooze(f"it needs a reason of 1 to {MOST_REASON:,} characters")
    if not now < until <= now + LONGEST:
        raise CannotSnooze("it must end within a year from now")
    row = _most_urgent(consumer, dependency, now)
    dies_at = row.deprecation.sunset_at if row.deprecation else None
    if dies_at is not None and until > dies_at > now:
        raise CannotSnooze(f"what it uses dies before that, on {dies_at:%Y-%m-%d}")
    with exclusive(LOCK):
        _end(UpgradeSnooze.objects.filter(consumer=consumer, dependency=dependency), actor, now)
        made = UpgradeSnooze.objects.create(
            consumer=consumer,
            dependency=dependency,
            status=row.status,
            reason=reason,
            until=until,
            made_by=actor.name,
            made_at=now,
        )
        evidence = {"snooze": made.pk, "status": row.status, "until": until.isoformat()}
        record(actor, "upgrade.snoozed", str(made), at=now, reason=reason, evidence=evidence)
    return made


def wake(pk: int, *, actor: Actor, now: datetime) -> UpgradeSnooze:
    """End a snooze before its time; a second time changes nothing.

    Raises UnknownThing, and PermissionDenied to who may not act for the consumer's owner.
    """
    snoozes = UpgradeSnooze.objects.select_related("consumer", "dependency")
    found = snoozes.filter(pk=pk).first()
    if found is None:
        raise UnknownThing("snooze")
    _require(actor, found.consumer)
    with transaction.atomic():
        if _end(UpgradeSnooze.objects.filter(pk=pk), actor, now):
            record(actor, "upgrade.woken", str(found), at=now, evidence={"snooze": pk})
    found.refresh_from_db()
    return found


def _end(snoozes: "models.QuerySet[UpgradeSnooze]", actor: Actor, now: datetime) -> int:
    return snoozes.filter(ended_at=None).update(ended_at=now, ended_by=actor.name)


def _require(actor: Actor, consumer: Module) -> None:
    if not actor.may_sunset(consumer.owner_id):
        raise PermissionDenied(actor.name, f"snooze upgrades of {consumer.name}")


def _most_urgent(consumer: Module, dependency: Module, now: datetime) -> UpgradeRow:
    filter = UpgradeFilter(module=consumer, dependencies=[dependency.pk], moves=MOVES[:-1])
    rows = upgrades(filter, now=now)
    if not rows:
        raise CannotSnooze(f"{consumer.name} has nothing to move on {dependency.name}")
    return rows[0]
