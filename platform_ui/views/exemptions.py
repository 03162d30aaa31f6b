"""Exemptions: what is kept from going, the form that asks, and the buttons that answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import Exemption
from lifecycle.permissions import Actor
from lifecycle.rules.registry import RULES
from lifecycle.selectors.exemptions import (
    STANDINGS,
    ExemptionFilter,
    exemption_list,
    owners_of,
)
from lifecycle.services.exemptions import (
    ExemptionRequest,
    approve_exemption,
    decline_exemption,
    end_exemption,
    may_answer,
    request_exemption,
)
from lifecycle.tasks import deliver_notices
from lineage.exceptions import UnknownModule
from lineage.selectors.modules import module_named
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, day_of, page_of, size_of, text_of
from platform_ui.views.modules import owner_choices

REASON_LENGTH = 2_000
USUAL = timedelta(days=90)
WORDS = {
    "biting": "keep something now", "expiring": "run out within a week",
    "requested": "wait for an answer", "over": "are over",
}  # fmt: skip
ANSWERS: dict[str, tuple[Callable[..., Exemption], str]] = {
    "approve": (approve_exemption, "Approved. It keeps what it names from now on."),
    "decline": (decline_exemption, "Declined. Nothing is kept by it."),
    "end": (end_exemption, "Ended. What it kept can go once its owner has been told."),
}


def exemptions(request: HttpRequest) -> HttpResponse:
    """Every exemption, what waits for an answer first; and the form that asks for one."""
    params, now = request.GET, timezone.now()
    filter = ExemptionFilter(
        standing=choice_of(params, "standing", ("", *STANDINGS)),
        rule=choice_of(params, "rule", ("", *RULES)),
        owner=text_of(params, "owner"),
        module=text_of(params, "module"),
    )
    rows = exemption_list(filter, now=now, page=page_of(params), size=size_of(params))
    actor, owners = actor_of(request), owners_of(rows.rows)
    context = {
        "rows": rows,
        "filter": filter,
        "filters": _filters(),
        "allowed": {row.pk: _allowed(row, owners[row.pk], actor, now) for row in rows.rows},
        "asked": _asked(params, now),
        "rules": [(rule.name, rule.word) for rule in RULES.values()],
        "now": now,
    }
    return render_page(request, "exemptions/page.html", "exemptions/_rows.html", context)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for one."""
    values, now = request.POST, timezone.now()
    try:
        wanted = _wanted(values)
        if wanted is None:
            messages.error(request, "Say until which day, as 2026-01-31.")
        else:
            request_exemption(wanted, actor=actor_of(request), now=now)
            jobs.start(deliver_notices)
            messages.success(request, "Asked for. It keeps nothing until somebody approves it.")
    except (LifecycleError, UnknownModule) as error:
        messages.error(request, str(error))
    return redirect("exemptions")


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, decline or end one."""
    chosen = choice_of(request.POST, "answer", ("", *ANSWERS))
    if not chosen:
        messages.error(request, "Nothing was decided: approve it, decline it or end it.")
        return redirect("exemptions")
    act, words = ANSWERS[chosen]
    reason = text_of(request.POST, "reason")[:REASON_LENGTH]
    try:
        act(pk, actor=actor_of(request), reason=reason, now=timezone.now())
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        jobs.start(deliver_notices)
        messages.success(request, words)
    return redirect("exemptions")


def _allowed(row: Exemption, owner_id: int | None, actor: Actor, now: datetime) -> dict[str, bool]:
    """Which buttons the reader gets."""
    is_waiting = row.state == Exemption.State.REQUESTED and row.expires_at > now
    is_standing = row.state in (Exemption.State.REQUESTED, Exemption.State.APPROVED)
    return {
        "answer": is_waiting and may_answer(row, actor, owner_id=owner_id),
        "end": is_standing and row.expires_at > now and actor.may_sunset(owner_id),
    }


def _asked(params: QueryDict, now: datetime) -> dict[str, str]:
    """What a link to the form says of what is to stay."""
    names = ("ecosystem", "module", "line", "deployment", "rule")
    found = {name: text_of(params, name) for name in names}
    return found | {"until": (now + USUAL).date().isoformat()}


def _wanted(values: QueryDict) -> ExemptionRequest | None:
    until = day_of(values, "until")
    if until is None:
        return None
    key, name = text_of(values, "deployment").strip(), text_of(values, "module").strip()
    module: Any = None
    if name:
        module = module_named(text_of(values, "ecosystem").strip() or "platform", name)
    return ExemptionRequest(
        expires_at=until,
        reason=text_of(values, "reason")[:REASON_LENGTH],
        rule=text_of(values, "rule"),
        module_id=module.pk if module else None,
        line=text_of(values, "line").strip(),
        deployment_key=key,
    )


def _filters() -> list[Filter]:
    return [
        Filter("module", "Module", "search"),
        Filter("standing", "Those that", choices=[Choice(s, WORDS[s]) for s in STANDINGS]),
        Filter("rule", "From", choices=[Choice(r.name, r.word) for r in RULES.values()]),
        Filter("owner", "Owner", choices=owner_choices()[1:], any_label="Anyone"),
    ]
