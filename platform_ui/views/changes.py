"""What changed on the whole platform between two days."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from platform_ui.changes import changes_context
from platform_ui.htmx import render_page


def changes(request: HttpRequest) -> HttpResponse:
    """Versions, dependents, deployments and resolutions, in the last week unless asked."""
    now = timezone.now()
    context = {**changes_context(request, now, None), "module": None, "now": now}
    return render_page(request, "changes/page.html", "changes/_rows.html", context)
