"""Webhooks and the log of deliveries."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.models import Delivery, Webhook
from lifecycle.permissions import Actor
from lifecycle.selectors.hearing import delivery_list, queue_of, shown_target, webhook_list
from lifecycle.services.resend import ENDED, delivery_for
from lifecycle.services.resend import resend as send_again
from lifecycle.services.webhooks import (
    change_webhook,
    create_webhook,
    ping,
    remove_webhook,
    rotate_secret,
    webhook_for,
)
from lifecycle.tasks import send_deliveries
from lineage.models import Team
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.hearing_forms import KIND_CHOICES, WebhookForm
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, page_of, size_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the webhooks a person keeps; a POST makes one and shows its secret this once."""
    actor = actor_of(request)
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            team = _team(form.cleaned_data["team"])
            row, secret = create_webhook(form.wish(), team=team, actor=actor, now=timezone.now())
        except LifecycleError as error:
            messages.error(request, str(error))
        else:
            return _page(request, row, secret=secret)
    context = {
        "rows": webhook_list(actor, page=page_of(request.GET), size=size_of(request.GET)),
        "form": form if form.is_bound else WebhookForm(initial={"is_enabled": True}),
        "kinds": KIND_CHOICES,
        "teams": Team.objects.filter(pk__in=actor.team_ids).order_by("name"),
        "is_operator": actor.is_operator,
        "now": timezone.now(),
    }
    return render_page(request, "webhooks/page.html", "webhooks/_rows.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook and its log; a POST changes it."""
    actor = actor_of(request)
    row = _found(pk, actor)
    if request.method != "POST":
        return _page(request, row)
    form = WebhookForm(request.POST)
    try:
        if not form.is_valid():
            raise UnknownThing("webhook")
        change_webhook(pk, form.wish(), actor=actor, now=timezone.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Kept.")
        jobs.start(send_deliveries)
    return redirect("webhook", pk)


@never_cache
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret and show it this once."""
    actor = actor_of(request)
    _found(pk, actor)
    secret = rotate_secret(pk, actor=actor, now=timezone.now())
    return _page(request, _found(pk, actor), secret=secret)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Queue a test event."""
    actor = actor_of(request)
    _found(pk, actor)
    delivery = ping(pk, actor=actor, now=timezone.now())
    jobs.start(send_deliveries)
    return redirect("delivery", delivery.pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a webhook and its log."""
    actor = actor_of(request)
    name = _found(pk, actor).name
    remove_webhook(pk, actor=actor, now=timezone.now())
    messages.success(request, f"{name} is removed.")
    return redirect("webhooks")


def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what it says, every try."""
    row = _delivery(request, pk)
    context = {
        "row": row,
        "target": shown_target(row),
        "tries": list(row.tries.order_by("number")),
        "payload": json.dumps(row.payload, indent=2, ensure_ascii=False) if row.payload else "",
        "can_resend": row.state in ENDED,
        "now": timezone.now(),
    }
    return render(request, "webhooks/delivery.html", context)


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a delivery that ended back into the queue."""
    row = _delivery(request, pk)
    actor = actor_of(request)
    try:
        send_again(row.pk, user_id=actor.user_id, actor=actor, now=timezone.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        jobs.start(send_deliveries)
        messages.success(request, "It is sent again.")
    return redirect("delivery", pk)


def _page(request: HttpRequest, row: Webhook, *, secret: str = "") -> HttpResponse:
    state = choice_of(request.GET, "state", ("", *Delivery.State.values))
    states = [Choice(value, word) for value, word in Delivery.State.choices]
    said: dict[str, Any] = {
        "name": row.name,
        "url": row.url,
        "events": row.events,
        "is_enabled": row.is_enabled,
    }
    context = {
        "row": row,
        "secret": secret,
        "queue": queue_of(row.pk),
        "rows": delivery_list(
            webhook_id=row.pk,
            states=[state] if state else (),
            page=page_of(request.GET),
            size=size_of(request.GET),
        ),
        "filters": [Filter("state", "State", choices=states)],
        "form": WebhookForm(initial=said),
        "kinds": KIND_CHOICES,
        "now": timezone.now(),
    }
    return render_page(request, "webhooks/webhook.html", "webhooks/_log.html", context)


def _found(pk: int, actor: Actor) -> Webhook:
    try:
        return webhook_for(pk, actor)
    except UnknownThing as error:
        raise Http404(str(error)) from error


def _delivery(request: HttpRequest, pk: int) -> Delivery:
    actor = actor_of(request)
    try:
        return delivery_for(pk, user_id=actor.user_id, actor=actor)
    except UnknownThing as error:
        raise Http404(str(error)) from error


def _team(name: str) -> Team | None:
    if not name:
        return None
    team = Team.objects.filter(name=name).first()
    if team is None:
        raise UnknownThing("team")
    return team
