"""Extending a TTL: more time for what runs, within what its policy allows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.exceptions import CannotExtend, PermissionDenied
from lifecycle.models import Finding, Notice
from lifecycle.permissions import Actor
from lifecycle.rules.base import deployment_subject
from lifecycle.rules.expired_deployment import NAME
from lifecycle.selectors.extensions import NOT_YOURS, extensions_for
from lifecycle.services.audit import Step, record_many
from lifecycle.services.findings import close_findings
from lifecycle.services.notices import write_notices
from lineage.ingest.bulk import graph_lock
from lineage.ingest.known import batches
from lineage.models import Deployment
from lineage.services.deployments import extend_until

RELATED = ("version__module__owner", "environment")


@dataclass(frozen=True, slots=True)
class Extended:
    """One deployment that was given more time."""

    key: str
    before: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One that was not, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extensions:
    """What became of each key that was named."""

    extended: list[Extended] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def extend_deployments(
    keys: Collection[str], *, actor: Actor, reason: str, now: datetime, days: int | None = None
) -> Extensions:
    """Give the live deployments of these keys more time, each as its policy allows.

    Their findings close at once, the owners are told. Raises PermissionDenied if one of
    them is not the actor's to extend, CannotExtend if none could be; nothing has changed
    then. What a policy refuses is named, the others are extended.
    """
    with graph_lock():
        rows = _live(keys)
        allowed = extensions_for(rows, actor=actor, now=now, days=days)
        result, granted = Extensions(), list[Deployment]()
        for key in sorted(set(keys) - {row.key for row in rows}):
            result.refused.append(Refused(key, "is not running"))
        for row in rows:
            _require(actor, row)
            found = allowed.get(row.pk)
            if found is None or found.until is None or row.expires_at is None:
                why = found.reason if found else "has no TTL to extend"
                result.refused.append(Refused(row.key, why))
                continue
            result.extended.append(Extended(row.key, row.expires_at, found.until))
            granted.append(row)
        if not granted:
            raise CannotExtend([f"{one.key} {one.reason}" for one in result.refused])
        _grant(granted, result.extended, actor, reason, now)
    return result


def _require(actor: Actor, row: Deployment) -> None:
    if not actor.may_sunset(row.version.module.owner_id):
        raise PermissionDenied(actor.name, f"extend {row.key}, which {NOT_YOURS}")


def _live(keys: Collection[str]) -> list[Deployment]:
    rows: list[Deployment] = []
    for batch in batches(sorted(set(keys))):
        live = Deployment.objects.live().filter(key__in=batch)
        rows += live.select_related(*RELATED).order_by("key")
    return rows


def _grant(
    rows: Sequence[Deployment],
    extended: Sequence[Extended],
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    extend_until({row.pk: one.expires_at for row, one in zip(rows, extended, strict=True)}, at=now)
    _close(rows, now)
    record_many(
        actor,
        [
            Step(
                "extend", one.key, reason,
                {"module": row.version.module.name, "environment": row.environment.name},
                {"expires_at": one.before.isoformat()},
                {"expires_at": one.expires_at.isoformat()},
            )
            for row, one in zip(rows, extended, strict=True)
        ],
        at=now,
    )  # fmt: skip
    write_notices(_notices(rows, extended, actor, reason, now))


def _close(rows: Sequence[Deployment], now: datetime) -> None:
    ids: list[int] = []
    for batch in batches([row.pk for row in rows]):
        findings = Finding.objects.filter(rule=NAME, closed_at=None, deployment_id__in=batch)
        ids += findings.values_list("id", flat=True)
    close_findings(ids, reason=Finding.CloseReason.CLEARED, now=now)


def _notices(
    rows: Sequence[Deployment],
    extended: Sequence[Extended],
    actor: Actor,
    reason: str,
    now: datetime,
) -> list[Notice]:
    """One notice per owner about all that was extended."""
    groups: dict[int | None, list[tuple[Deployment, Extended]]] = defaultdict(list)
    for row, one in zip(rows, extended, strict=True):
        groups[row.version.module.owner_id].append((row, one))
    return [
        Notice(
            team_id=owner_id,
            kind=Notice.Kind.EXTENDED,
            title=_title(group),
            body=f"By {actor.name}. {reason}".strip(),
            items=[
                {
                    "subject": deployment_subject(row.pk),
                    "label": row.key,
                    "detail": f"runs until {one.expires_at:%-d %b %Y %H:%M} UTC",
                }
                for row, one in group
            ],
            dedupe_key=f"extended:{owner_id or 0}:{now.isoformat()}:{group[0][0].pk}",
            created_at=now,
        )
        for owner_id, group in groups.items()
    ]


def _title(group: Sequence[tuple[Deployment, Extended]]) -> str:
    row, one = group[0]
    if len(group) == 1:
        return f"{row.key[:250]} runs until {one.expires_at:%-d %b %Y}"
    return f"{len(group):,} deployments got more time"
