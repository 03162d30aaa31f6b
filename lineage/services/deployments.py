"""Deployments as their marks leave them: ends, expiry and use, derived and written."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from lineage.ingest.bulk import update_rows
from lineage.ingest.known import batches
from lineage.ingest.series import Mark, ended_by, spans
from lineage.models import Deployment, DeploymentMark, EnvironmentDeletion, Witness
from lineage.services.epoch import bump

DERIVED = ("ended_at", "end_reason", "last_used_at", "requests", "published_at", "expires_at")


def derive_series(keys: Iterable[str]) -> int:
    """Derive every deployment of the keys from its marks; returns how many rows changed.

    The caller holds the graph lock.
    """
    changed = 0
    for batch in batches(sorted(set(keys))):
        marks: dict[str, list[Mark]] = defaultdict(list)
        for key, kind, at, requests in (
            DeploymentMark.objects.filter(key__in=batch)
            .order_by()
            .values_list("key", "kind", "at", "requests")
        ):
            marks[key].append(Mark(kind, at, requests))
        series: dict[str, list[Deployment]] = defaultdict(list)
        for deployment in (
            Deployment.objects.filter(key__in=batch)
            .select_related("version", "environment")
            .only(
                "key",
                "started_at",
                "ttl",
                "extended_until",
                "environment_id",
                *DERIVED,
                "version__ttl",
                "environment__ttl",
            )
            .order_by("key", "started_at")
        ):
            series[deployment.key].append(deployment)
        changed += update_rows(Deployment, DERIVED, _changes(series, marks, _deletions(series)))
    return changed


def _deletions(series: dict[str, list[Deployment]]) -> dict[int, list[datetime]]:
    """When the environments of these deployments were deleted, by environment."""
    found: dict[int, list[datetime]] = defaultdict(list)
    environments = {d.environment_id for deployments in series.values() for d in deployments}
    for batch in batches(sorted(environments)):
        rows = EnvironmentDeletion.objects.filter(environment_id__in=batch).order_by()
        for environment, at in rows.values_list("environment_id", "at"):
            found[environment].append(at)
    return found


def _changes(
    series: dict[str, list[Deployment]],
    marks: dict[str, list[Mark]],
    deletions: dict[int, list[datetime]],
) -> list[tuple[object, ...]]:
    changes: list[tuple[object, ...]] = []
    for key, deployments in series.items():
        derived = spans([d.started_at for d in deployments], marks.get(key, ()))
        for deployment, span in zip(deployments, derived, strict=True):
            values = (
                *ended_by(
                    span, deployment.started_at, deletions.get(deployment.environment_id, ())
                ),
                span.last_used_at,
                span.requests,
                span.published_at,
                expiry_of(deployment),
            )
            if values != tuple(getattr(deployment, name) for name in DERIVED):
                changes.append((*values, deployment.pk))
    return changes


def expiry_of(deployment: Deployment) -> datetime | None:
    """Its original expiry, or later where somebody extended it."""
    original, extended = original_expiry(deployment), deployment.extended_until
    if original is None or extended is None:
        return original
    return max(original, extended)


def original_expiry(deployment: Deployment) -> datetime | None:
    """Start plus its own TTL, else its version's, else its environment's."""
    for ttl in (deployment.ttl, deployment.version.ttl, deployment.environment.ttl):
        if ttl is not None:
            try:
                return deployment.started_at + timedelta(seconds=ttl)
            except OverflowError:
                return None  # beyond the calendar is never
    return None


def keys_by_ttl(versions: Collection[int], environments: Collection[int]) -> set[str]:
    """Keys of deployments whose expiry rests on these versions or environments."""
    keys: set[str] = set()
    inherited = Deployment.objects.filter(ttl=None).order_by()
    for batch in batches(sorted(versions)):
        keys.update(inherited.filter(version_id__in=batch).values_list("key", flat=True))
    for batch in batches(sorted(environments)):
        keys.update(inherited.filter(environment_id__in=batch).values_list("key", flat=True))
    return keys


def note_witnesses(pairs: Collection[tuple[int, int]]) -> None:
    """Note further sources of deployments, as (deployment, source); known ones are skipped."""
    Witness.objects.bulk_create(
        [Witness(deployment_id=pk, source_id=source_id) for pk, source_id in sorted(pairs)],
        ignore_conflicts=True,
        batch_size=1_000,
    )


def keys_in(environments: Collection[int]) -> set[str]:
    """Keys of all deployments that ever ran in these environments."""
    keys: set[str] = set()
    for batch in batches(sorted(environments)):
        rows = Deployment.objects.filter(environment_id__in=batch).order_by()
        keys.update(rows.values_list("key", flat=True))
    return keys


def end_deployments(ids: Collection[int], *, at: datetime) -> int:
    """Sunset live deployments: mark them ended at ``at``; returns how many were live.

    The caller holds the graph lock.
    """
    return _mark(Deployment.objects.live().filter(id__in=ids), DeploymentMark.Kind.SUNSET, at)


def restore_deployments(ids: Collection[int], *, at: datetime) -> int:
    """Take a sunset back; returns how many deployments it concerned.

    Where the clock of who sunset them was ahead, it is taken back at that instant.
    One that meanwhile ended by itself or was replaced stays ended. The caller
    holds the graph lock.
    """
    sunset = Deployment.objects.filter(id__in=ids, end_reason=Deployment.EndReason.SUNSET)
    return _mark(sunset, DeploymentMark.Kind.RESTORED, at)


def extend_until(until: Mapping[int, datetime], *, at: datetime) -> int:
    """Let deployments run to these instants at least; returns how many that concerned.

    It holds for this run of the key, whatever is ingested later. The caller holds the
    graph lock.
    """
    keys = set[str]()
    for batch in batches(sorted(until)):
        rows = Deployment.objects.filter(pk__in=batch).order_by().values_list("pk", "key")
        keys.update(key for _, key in rows)
    update_rows(Deployment, ["extended_until"], [(end, pk) for pk, end in until.items()])
    derive_series(keys)
    if until:
        bump(at, modules=())
    return len(until)


def _not_before(deployment: Deployment, at: datetime) -> datetime:
    """The instant, or that of the deployment's last step where another clock was ahead."""
    return max(at, deployment.ended_at or deployment.started_at)


def _mark(deployments: "Iterable[Deployment]", kind: DeploymentMark.Kind, at: datetime) -> int:
    found = list(deployments)
    DeploymentMark.objects.bulk_create(
        [DeploymentMark(key=d.key, kind=kind, at=_not_before(d, at)) for d in found],
        ignore_conflicts=True,
    )
    derive_series(d.key for d in found)
    if found:
        bump(at, modules=())
    return len(found)
