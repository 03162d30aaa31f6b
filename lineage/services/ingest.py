"""Taking a document in: one transaction, one run, one epoch."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import BinaryIO

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from lineage.exceptions import UnreadableDocument
from lineage.ingest.bulk import graph_lock, insert_rows
from lineage.ingest.deployments import KnownDeployments
from lineage.ingest.document import Document, Limits, open_document
from lineage.ingest.known import Known, batches
from lineage.ingest.listing import Listing
from lineage.ingest.loader import Loader
from lineage.ingest.parsers import native
from lineage.ingest.parsers.base import Accepted
from lineage.ingest.records import LockedTreeRecord
from lineage.ingest.writes import Writes
from lineage.models import Coverage, IngestIssue, IngestRun, Inventory, Source
from lineage.services.deployments import (
    derive_series,
    keys_by_ttl,
    keys_in,
    note_witnesses,
    restore_deployments,
)
from lineage.services.epoch import bump, current_epoch
from lineage.services.inventories import hear, take_inventory
from lineage.services.modules import derive_modules
from lineage.services.resolve import resolve_modules
from lineage.services.retirement import restore_versions

CHUNK = 5_000
INTERRUPTED_AFTER = timedelta(hours=6)
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """Counts of records; ``accepted`` = created + changed + unchanged.

    Of a full inventory, ``ended`` counts the deployments it ended, ``held`` those it would
    end if somebody accepted the drop.
    """

    run: int
    format: str
    accepted: int
    created: int
    changed: int
    unchanged: int
    rejected: int
    conflicts: int
    revived: int
    ended: int
    held: int
    epoch: int
    seconds: float


def ingest_document(
    stream: BinaryIO,
    *,
    source: str,
    now: datetime,
    document: str = "",
    started_by: str = "",
    environment: str | None = None,
    is_inventory: bool = False,
    progress: Progress | None = None,
) -> IngestSummary:
    """Take one document in, whole or not at all.

    Bad records are kept as issues of the run and stop nothing. ``environment`` says
    that the root of an SBOM is deployed there, ``is_inventory`` that the document is a
    full inventory, as its own header may say too. ``progress`` is called with the bytes
    read so far. Raises UnreadableDocument when the document as a whole cannot be
    read: then nothing of it was kept but the failed run that says why. The snapshot
    is not refreshed here (``lineage.services.snapshot.refresh``).
    """
    began = perf_counter()
    origin = _source_named(source, now)
    _close_interrupted(now)
    run = IngestRun.objects.create(
        source=origin, document=document[:512], started_by=started_by[:256], started_at=now
    )
    try:
        opened = open_document(stream, limits=limits())
        if is_inventory and opened.format != native.FORMAT:
            raise UnreadableDocument("Only native records can be a full inventory.")
        with graph_lock(), _no_collection():
            loader = _load(opened, origin, now, environment, progress, is_inventory)
            revived = _revive(loader, now)
            inventory, number = _finish(loader, origin, run, now)
            finished_at = now + timedelta(seconds=perf_counter() - began)
            _close(run, loader, opened.format, revived, number, finished_at)
    except BaseException as error:
        reason = error.reason if isinstance(error, UnreadableDocument) else repr(error)
        IngestRun.objects.filter(pk=run.pk).update(
            status=IngestRun.Status.FAILED, error=reason[:10_000], finished_at=now
        )
        raise
    counts = loader.counts
    return IngestSummary(
        run=run.pk,
        format=opened.format,
        accepted=counts.accepted,
        created=counts.created,
        changed=counts.changed,
        unchanged=counts.unchanged,
        rejected=counts.rejected,
        conflicts=counts.conflicts,
        revived=revived,
        ended=inventory.ended if inventory else 0,
        held=inventory.ending if inventory and inventory.state == Inventory.State.HELD else 0,
        epoch=number,
        seconds=round(perf_counter() - began, 3),
    )


def limits() -> Limits:
    """The limits of one document, from the settings."""
    return Limits(
        max_bytes=settings.INGEST_MAX_BYTES,
        max_document_bytes=settings.INGEST_MAX_DOCUMENT_BYTES,
        max_line_bytes=settings.INGEST_MAX_LINE_BYTES,
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small objects live as long as the document: looking for cycles is wasted."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _close_interrupted(now: datetime) -> None:
    """Say of runs that were killed, and so could not say it themselves, that they are over."""
    IngestRun.objects.filter(
        status=IngestRun.Status.RUNNING, started_at__lt=now - INTERRUPTED_AFTER
    ).update(
        status=IngestRun.Status.FAILED,
        finished_at=now,
        error="It was interrupted. Nothing of it was kept.",
    )


def _source_named(name: str, now: datetime) -> Source:
    origin, _ = Source.objects.get_or_create(
        name=name, defaults={"first_seen_at": now, "last_seen_at": now}
    )
    return origin


def _load(
    opened: Document,
    origin: Source,
    now: datetime,
    environment: str | None,
    progress: Progress | None,
    is_inventory: bool,
) -> Loader:
    known = Known(Writes(), now)
    deployments = KnownDeployments(known, origin.pk)
    listing = Listing(now, is_inventory)
    loader = Loader(known, deployments, settings.INGEST_MAX_KEPT_ISSUES, listing)
    trees: list[Accepted] = []
    for chunk in batches(opened.items(), CHUNK):
        hear(listing, chunk, source_id=origin.pk)
        loader.take(chunk)
        accepted = (item for item in chunk if isinstance(item, Accepted))
        trees += [item for item in accepted if isinstance(item.record, LockedTreeRecord)]
        if progress is not None:
            progress(opened.bytes_read)
    if environment:
        loader.take_roots(trees, environment)
    return loader


def _revive(loader: Loader, now: datetime) -> int:
    touched = loader.known.touched
    restore_versions(touched.revived_versions.keys(), at=now)
    restore_deployments(touched.revived_deployments.keys(), at=now)
    for name in (*touched.revived_versions.values(), *touched.revived_deployments.values()):
        loader.note(
            IngestIssue.Kind.REVIVED, None, "", f"{name} was sunset and is live again: it came back"
        )
    return len(touched.revived_versions) + len(touched.revived_deployments)


def _finish(
    loader: Loader, origin: Source, run: IngestRun, now: datetime
) -> tuple[Inventory | None, int]:
    """Derive what the records imply; returns the epoch too, bumped if anything changed."""
    known = loader.known
    touched = known.touched
    resolve_modules(touched.resolution)
    derive_modules(touched.modules)
    derive_series(
        touched.series
        | keys_by_ttl(touched.expiry_versions, touched.expiry_environments)
        | keys_in(touched.ended_environments)
    )
    _cover(origin, touched.since)
    Source.objects.filter(pk=origin.pk).update(last_seen_at=Greatest(F("last_seen_at"), now))
    note_witnesses(touched.witnesses)
    inventory, moved = None, 0
    if loader.listing.is_inventory:
        inventory, moved = take_inventory(loader.listing, touched.relisted, run=run, now=now)
    if not known.writes.count and not moved:
        return inventory, current_epoch().number
    return inventory, bump(now, known.changed_modules())


def _cover(origin: Source, since: dict[str, datetime]) -> None:
    """Note that the source reports deployments of these ecosystems, since its earliest."""
    for ecosystem, at in since.items():
        coverage, is_new = Coverage.objects.get_or_create(
            source=origin, ecosystem=ecosystem, defaults={"since": at}
        )
        if not is_new and at < coverage.since:
            Coverage.objects.filter(pk=coverage.pk).update(since=at)


def _close(
    run: IngestRun, loader: Loader, format: str, revived: int, epoch: int, finished_at: datetime
) -> None:
    counts = loader.counts
    insert_rows(
        IngestIssue,
        ("run_id", "kind", "line", "field", "reason", "excerpt"),
        [(run.pk, i.kind, i.line, i.field, i.reason, i.excerpt) for i in loader.issues],
    )
    IngestRun.objects.filter(pk=run.pk).update(
        status=IngestRun.Status.DONE,
        format=format,
        finished_at=finished_at,
        accepted=counts.accepted,
        created=counts.created,
        changed=counts.changed,
        unchanged=counts.unchanged,
        rejected=counts.rejected,
        conflicts=counts.conflicts,
        revived=revived,
        epoch=epoch,
    )
