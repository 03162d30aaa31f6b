"""Versions in module names: what could be one module."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lineage.models import Module
from lineage.selectors.naming import smell_list
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import page_of, size_of, text_of


def naming(request: HttpRequest) -> HttpResponse:
    """Modules whose names look like versions of one."""
    params, now = request.GET, timezone.now()
    ecosystems = Module.objects.order_by("ecosystem").values_list("ecosystem", flat=True)
    rows = smell_list(
        now=now, ecosystem=text_of(params, "ecosystem"), page=page_of(params), size=size_of(params)
    )
    choices = [Choice(name, name) for name in ecosystems.distinct()]
    context = {
        "rows": rows,
        "filters": [Filter("ecosystem", "Ecosystem", choices=choices)],
        "now": now,
    }
    return render_page(request, "modules/naming.html", "modules/_naming.html", context)
