"""What a module's page answers when asked: why something reaches it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from lineage.exceptions import LineageError
from lineage.selectors.ends import End, end_named
from lineage.selectors.modules import ModuleSummary
from lineage.selectors.versions import version_named
from lineage.selectors.why import MOST_SHOWN, SHOWN, why
from platform_ui.params import number_of, text_of


def why_context(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    """The chains from whatever ``from`` names to the module, or to its ``version``."""
    params = request.GET
    start, number = text_of(params, "from").strip(), text_of(params, "version").strip()
    limit = min(max(number_of(params, "limit", SHOWN), 1), MOST_SHOWN)
    context: dict[str, Any] = {"from": start, "version": number, "found": None, "error": ""}
    if not start:
        return context
    try:
        version = version_named(summary.module, number) if number else None
        found = why(end_named(start), End(summary.module, version), now=timezone.now(), limit=limit)
    except LineageError as error:
        return {**context, "error": str(error)}
    more = min(MOST_SHOWN, found.shortest, len(found.shown) * 5)
    is_more = more > len(found.shown)
    return {**context, "found": found, "more": more if is_more else None}
