"""Ingest runs, and the lines they could not take."""

from lineage.models import IngestIssue, IngestRun
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


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
