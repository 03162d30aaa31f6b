"""Notices: the inbox of a person's teams."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.models import Notice
from lifecycle.selectors.notices import arrived_since, inbox
from lifecycle.services.notices import mark_read
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import choice_of, ids_of, page_of, size_of


def notices(request: HttpRequest) -> HttpResponse:
    """What was said to one's teams, newest first."""
    params, now = request.GET, timezone.now()
    actor = actor_of(request)
    kinds = [Choice(kind, str(word)) for kind, word in Notice.Kind.choices]
    context = {
        "rows": inbox(
            actor.team_ids,
            is_operator=actor.is_operator,
            user_id=actor.user_id,
            kind=choice_of(params, "kind", ("", *Notice.Kind.values)),
            unread=params.get("unread") == "1",
            page=page_of(params),
            size=size_of(params),
        ),
        "filters": [
            Filter("kind", "About", choices=kinds, any_label="Everything"),
            Filter("unread", "Unread only", "check"),
        ],
        "last": arrived_since(
            0, actor.team_ids, is_operator=actor.is_operator, user_id=actor.user_id
        )[1],
        "actor": actor,
        "now": now,
    }
    return render_page(request, "notices/page.html", "notices/_rows.html", context)


def arrivals(request: HttpRequest) -> HttpResponse:
    """Whether something arrived since the inbox was opened; asked again and again by it."""
    actor = actor_of(request)
    after = next(iter(ids_of([request.GET.get("after", "")])), 0)
    number, last = arrived_since(
        after, actor.team_ids, is_operator=actor.is_operator, user_id=actor.user_id
    )
    return render(request, "notices/_arrivals.html", {"number": number, "last": last})


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark notices read."""
    actor = actor_of(request)
    ids = ids_of(request.POST.getlist("notice"))
    mark_read(
        ids, team_ids=actor.team_ids, is_operator=actor.is_operator, user_id=actor.user_id,
        now=timezone.now(),
    )  # fmt: skip
    return redirect("notices")
