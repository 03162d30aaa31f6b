"""The audit: every step, for operators."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lifecycle.models import AuditEntry
from lifecycle.selectors.audit import audit_list
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import page_of, size_of, text_of


def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when and why."""
    if not actor_of(request).is_operator:
        raise PermissionDenied("Only operators read the audit.")
    params, now = request.GET, timezone.now()
    actions = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
    context = {
        "rows": audit_list(
            actor=text_of(params, "actor"),
            action=text_of(params, "action"),
            page=page_of(params),
            size=size_of(params),
        ),
        "filters": [
            Filter("actor", "Actor", "search"),
            Filter("action", "Action", choices=[Choice(action, action) for action in actions]),
        ],
        "now": now,
    }
    return render_page(request, "audit/page.html", "audit/_rows.html", context)
