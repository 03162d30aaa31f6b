"""Ingest runs, the lines they could not take, and the sources they came from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lineage.models import IngestIssue, IngestRun, Source
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

QUIET_AFTER = 2  # cadences


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source; ``is_quiet`` when it missed its cadence twice, None if it states none."""

    source: Source
    ecosystems: tuple[str, ...]
    is_quiet: bool | None


def run_list(*, source: str = "", page: int = 1, size: int = DEFAULT_SIZE) -> Slice[IngestRun]:
    """Ingest runs, newest first."""
    start, stop = bounds(page, size)
    runs = IngestRun.objects.select_related("source").order_by("-started_at", "-id")
    if source:
        runs = runs.filter(source__name=source)
    return Slice(list(runs[start:stop]), runs.count(), max(page, 1), stop - start)


def issues_of(
    run: IngestRun, *, kind: str = "", page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[IngestIssue]:
    """What a run could not take as it came, by line; at most as many as were kept."""
    start, stop = bounds(page, size)
    issues = IngestIssue.objects.filter(run=run).order_by("line", "id")
    if kind:
        issues = issues.filter(kind=kind)
    return Slice(list(issues[start:stop]), issues.count(), max(page, 1), stop - start)


def source_list(now: datetime) -> list[SourceRow]:
    """Every source with what it vouches for."""
    rows = []
    for source in Source.objects.prefetch_related("coverages").order_by("name"):
        quiet = None
        if source.cadence:
            quiet = now - source.last_seen_at > timedelta(seconds=QUIET_AFTER * source.cadence)
        ecosystems = tuple(coverage.ecosystem for coverage in source.coverages.all())
        rows.append(SourceRow(source, ecosystems, quiet))
    return rows
