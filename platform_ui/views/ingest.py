"""Ingest runs: what came in, and what of it was refused."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from lineage.models import IngestIssue, IngestRun, Inventory
from lineage.selectors.ingest import issues_of, run_list
from lineage.selectors.sources import source_standings
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of, text_of


def ingest_runs(request: HttpRequest) -> HttpResponse:
    """Ingest runs, newest first."""
    params, now = request.GET, timezone.now()
    names = [Choice(row.source.name, row.source.name) for row in source_standings(now)]
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
        "inventory": Inventory.objects.filter(run=run).first(),
        "rows": issues_of(run, kind=kind, page=page_of(params), size=size_of(params)),
        "filters": [
            Filter("kind", "Kind", choices=[Choice(k, k) for k in IngestIssue.Kind.values])
        ],
        "problems": run.rejected + run.conflicts + run.revived,
        "now": now,
    }
    return render_page(request, "ingest/run.html", "ingest/_issues.html", context)
