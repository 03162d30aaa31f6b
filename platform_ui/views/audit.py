"""The audit: every step, for operators; as a page and as a file."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.selectors.audit import AuditFilter, audit_actions, audit_list
from lifecycle.selectors.audit_checks import chain_state
from lifecycle.tasks import check_audit
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.downloads import audit_file
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import (
    day_of,
    ids_of,
    page_of,
    size_of,
    start_of_day,
    text_of,
)


def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when and why."""
    _require_operator(request)
    params, now = request.GET, timezone.now()
    context = {
        "rows": audit_list(_filter(params), page=page_of(params), size=size_of(params)),
        "filters": _filters(),
        "chain": chain_state(),
        "now": now,
    }
    return render_page(request, "audit/page.html", "audit/_rows.html", context)


def audit_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The rows of the list for a spreadsheet."""
    _require_operator(request)
    return audit_file(_filter(request.GET), "csv")


def audit_ndjson(request: HttpRequest) -> StreamingHttpResponse:
    """The rows of the list for a program."""
    _require_operator(request)
    return audit_file(_filter(request.GET), "ndjson")


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Have the whole chain read now."""
    _require_operator(request)
    jobs.start(check_audit)
    messages.success(request, "The audit is being checked.")
    return redirect("audit")


def _require_operator(request: HttpRequest) -> None:
    if not actor_of(request).is_operator:
        raise PermissionDenied("Only operators read the audit.")


def _filter(params: QueryDict) -> AuditFilter:
    sunset = ids_of([params.get("sunset", "")])
    return AuditFilter(
        actor=text_of(params, "actor"),
        action=text_of(params, "action"),
        subject=text_of(params, "subject"),
        since=start_of_day(params.get("from", "")),
        until=day_of(params, "to"),
        q=text_of(params, "q"),
        sunset=sunset[0] if sunset else None,
        module=text_of(params, "module"),
    )


def _filters() -> list[Filter]:
    return [
        Filter("q", "Words", "search"),
        Filter("actor", "Actor", "search"),
        Filter("action", "Action", choices=[Choice(name, name) for name in audit_actions()]),
        Filter("module", "Module", "search"),
        Filter("from", "From", "date"),
        Filter("to", "To", "date"),
    ]
