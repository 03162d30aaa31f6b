"""Sources: where the data comes from, how fresh it is, and what is held."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import PermissionDenied
from lifecycle.services.sources import accept_inventory, choose_cadence, dismiss_inventory
from lineage.exceptions import NotHeld, UnknownInventory, UnknownSource
from lineage.ingest.values import MAX_DURATION
from lineage.models import Inventory
from lineage.selectors.ingest import run_list
from lineage.selectors.sources import (
    SourceRow,
    inventory_by_id,
    inventory_list,
    source_list,
    source_named,
    unlisted_by,
)
from platform_ui.accounts.actors import actor_of
from platform_ui.charts import runs_figure
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of, text_of

REASON_LENGTH = 2_000
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60}
INVENTORIES_SHOWN = 10


def sources(request: HttpRequest) -> HttpResponse:
    """Every source and where it stands."""
    now = timezone.now()
    context = {"sources": source_list(now), "runs": run_list(size=10), "now": now}
    return render(request, "sources/page.html", context)


def source(request: HttpRequest, name: str) -> HttpResponse:
    """One source; a POST by an operator chooses its cadence."""
    if request.method == "POST":
        return _choose(request, name)
    now = timezone.now()
    try:
        row = source_named(name, now=now)
    except UnknownSource as error:
        raise Http404(str(error)) from error
    number, unit = _in_units(row.source.chosen_cadence)
    context = {
        "row": row,
        "figure": runs_figure(row.runs),
        "runs": list(reversed(row.runs)),
        "inventories": inventory_list(source=name, size=INVENTORIES_SHOWN),
        "is_operator": actor_of(request).is_operator,
        "number": number,
        "unit": unit,
        "units": list(UNITS),
        "now": now,
    }
    return render(request, "sources/source.html", context)


def inventory(request: HttpRequest, pk: int) -> HttpResponse:
    """One full inventory, and what it no longer lists."""
    try:
        found = inventory_by_id(pk)
    except UnknownInventory as error:
        raise Http404(str(error)) from error
    context = {
        "inventory": found,
        "rows": unlisted_by(found, page=page_of(request.GET), size=size_of(request.GET)),
        "is_operator": actor_of(request).is_operator,
        "now": timezone.now(),
    }
    return render_page(request, "sources/inventory.html", "sources/_unlisted.html", context)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or dismiss a held inventory."""
    is_accepted = choice_of(request.POST, "decision", ("", "accept", "dismiss"))
    if not is_accepted:
        messages.error(request, "Nothing was decided: accept it or dismiss it.")
        return redirect("inventory", pk)
    act = accept_inventory if is_accepted == "accept" else dismiss_inventory
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        done = act(pk, actor=actor_of(request), reason=reason, now=timezone.now())
    except UnknownInventory as error:
        raise Http404(str(error)) from error
    except (NotHeld, PermissionDenied) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _outcome(done))
    return redirect("inventory", pk)


def _outcome(done: Inventory) -> str:
    if done.state == Inventory.State.DISMISSED:
        return "Dismissed. Nothing has ended."
    return f"Accepted. {done.ended:,} deployments have ended."


def _choose(request: HttpRequest, name: str) -> HttpResponse:
    text = text_of(request.POST, "number").strip()
    unit = choice_of(request.POST, "unit", tuple(UNITS))
    seconds = None
    if text:
        is_number = text.isascii() and text.isdecimal() and len(text) < 8
        seconds = int(text) * UNITS[unit] if is_number else 0
        if not 0 < seconds <= MAX_DURATION.total_seconds():
            messages.error(request, "A cadence is a whole number, up to 100 years.")
            return redirect("source", name)
    try:
        choose_cadence(name, seconds, actor=actor_of(request), now=timezone.now())
    except UnknownSource as error:
        raise Http404(str(error)) from error
    except PermissionDenied as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _expected(source_named(name, now=timezone.now())))
    return redirect("source", name)


def _expected(row: SourceRow) -> str:
    every = row.source.expected_every
    if every is None:
        return "It says itself how often it speaks; so far it does not."
    number, unit = _in_units(every)
    return f"Expected every {number} {unit} from now on."


def _in_units(seconds: int | None) -> tuple[str, str]:
    """Seconds as a number and the largest unit that divides them."""
    if seconds is None:
        return "", "days"
    unit = next((name for name, size in UNITS.items() if seconds % size == 0), "minutes")
    return f"{max(1, round(seconds / UNITS[unit]))}", unit
