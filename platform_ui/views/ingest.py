"""Sources and ingest runs: where the data comes from and what it refused."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from lineage.models import IngestIssue, IngestRun
from lineage.selectors.ingest import issues_of, run_list, source_list
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of, text_of


def sources(request: HttpRequest) -> HttpResponse:
    """Every source and its freshness."""
    now = timezone.now()
    runs = run_list(size=10)
    return render(
        request, "sources/page.html", {"sources": source_list(now), "runs": runs, "now": now}
    )


def ingest_runs(request: HttpRequest) -> HttpResponse:
    """Ingest runs, newest first."""
    params, now = request.GET, timezone.now()
    names = [Choice(row.source.name, row.source.name) for row in source_list(now)]
    context = {
        "rows": run_list(
            source=text_of(params, "source"), page=page_of(params), size=size_of(params)
        ),
        "filters": [Filter("source", "Source", choices=names)],
        "now": now,
    }
    return render_page(request, "ingest/page.html", "ingest/_rows.html", context)


def ingest_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run, and what it could not take as it came."""
    params, now = request.GET, timezone.now()
    run = get_object_or_404(IngestRun.objects.select_related("source"), pk=pk)
    kind = choice_of(params, "kind", ("", *IngestIssue.Kind.values))
    context = {
        "run": run,
        "rows": issues_of(run, kind=kind, page=page_of(params), size=size_of(params)),
        "filters": [
            Filter("kind", "Kind", choices=[Choice(k, k) for k in IngestIssue.Kind.values])
        ],
        "problems": run.rejected + run.conflicts + run.revived,
        "now": now,
    }
    return render_page(request, "ingest/run.html", "ingest/_issues.html", context)
