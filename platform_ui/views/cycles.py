"""The cycles page: modules, or versions, that depend on each other."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lineage.selectors.cycles import LEVELS, CycleFilter, cycle_list
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of, text_of
from platform_ui.views.modules import named_or_404


def cycles(request: HttpRequest) -> HttpResponse:
    """Every cycle, or those of one ``module`` with all its members."""
    params, now = request.GET, timezone.now()
    name, level = text_of(params, "module"), choice_of(params, "level", LEVELS)
    ecosystem = text_of(params, "ecosystem") or "platform"
    module = named_or_404(ecosystem, name) if name else None
    filter = CycleFilter(level=level, module=module)
    context = {
        "rows": cycle_list(filter, now=now, page=page_of(params), size=size_of(params)),
        "filters": [
            Filter("level", "Of", choices=[Choice("versions", "versions")], any_label="modules")
        ],
        "level": level,
        "module": module,
        "now": now,
    }
    return render_page(request, "cycles/page.html", "cycles/_rows.html", context)
