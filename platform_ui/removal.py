"""What a module's page answers when asked whether a range can be removed."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone

from lifecycle.selectors.campaigns import campaign_of_line
from lifecycle.selectors.lines import module_lines
from lifecycle.selectors.windows import unused_for
from lineage.exceptions import UnknownLine
from lineage.models import Module
from lineage.selectors.modules import ModuleSummary
from lineage.selectors.removal import BOUND, Removal, removal_of
from lineage.versioning import VersioningError, scheme_for
from lineage.versioning.suggest import ranges_taking
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Filter
from platform_ui.params import page_of, size_of, text_of

USUAL_CAMPAIGN = timedelta(days=30)


def removal_context(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    """The answer on the range asked about, and whom its reader could ask to move."""
    params, now = request.GET, timezone.now()
    line = text_of(params, "range")
    try:
        removal = removal_of(
            summary.module,
            line,
            now=now,
            unused_for=unused_for(summary.module),
            page=page_of(params),
            size=size_of(params),
        )
    except (UnknownLine, VersioningError) as error:
        raise Http404(str(error)) from error
    rows = module_lines(summary.module, now=now)
    every = [row for major in rows for row in (major, *major.minors)]
    on = campaign_of_line(summary.module.pk, line)
    may_ask = actor_of(request).may_sunset(summary.module.owner_id)
    return {
        "removal": removal,
        "askable": _consumers_to_ask(summary.module, removal) if may_ask else [],
        "suggested": _suggested_range(summary),
        "drain_form": {"campaign": on, "usual_deadline": (now + USUAL_CAMPAIGN).date()},
        "may_drain": may_ask,
        "is_bound": removal.line.state in BOUND and any(row.facts.line == line for row in every),
        "row": next((row for row in every if row.facts.line == line), None),
        "filters": [Filter("range", "Range", "search")],
    }


def _consumers_to_ask(module: Module, removal: Removal) -> list[Module]:
    """The modules on the way out that must take another version of this very module."""
    if removal.way is None:
        return []
    return [
        upgrade.module
        for upgrade in removal.way.upgrades
        if any(change.module == module for change in upgrade.changes)
    ]


def _suggested_range(summary: ModuleSummary) -> str:
    """What to ask consumers to take: the newest version and what is compatible with it."""
    if summary.newest is None:
        return ""
    scheme = scheme_for(summary.module.ecosystem).name
    return next(iter(ranges_taking(summary.newest.version, "", scheme=scheme)), "")
