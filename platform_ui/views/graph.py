"""The graph page: any module's neighbourhood, found by name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from lineage.selectors.modules import ModuleFilter, module_list
from platform_ui.neighbourhoods import neighbourhood_context
from platform_ui.params import text_of
from platform_ui.views.modules import named_or_404

SUGGESTED = 12


def graph(request: HttpRequest) -> HttpResponse:
    """The neighbourhood of ``module``, or the modules most depended on to start from."""
    now = timezone.now()
    name, q = text_of(request.GET, "module"), text_of(request.GET, "q")
    if name:
        module = named_or_404(text_of(request.GET, "ecosystem") or "platform", name)
        context = {"module": module, "now": now, **neighbourhood_context(request, module)}
        return render(request, "graph/page.html", context)
    filter = ModuleFilter(q=q, sort="-dependents")
    rows = module_list(filter, now=now, size=SUGGESTED)
    return render(request, "graph/start.html", {"rows": rows, "q": q, "now": now})
