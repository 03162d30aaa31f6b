"""Notices: the inbox of a person's teams."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from lifecycle.models import Notice
from lifecycle.selectors.notices import inbox
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
            kind=choice_of(params, "kind", ("", *Notice.Kind.values)),
            unread=params.get("unread") == "1",
            page=page_of(params),
            size=size_of(params),
        ),
        "filters": [
            Filter("kind", "About", choices=kinds, any_label="Everything"),
            Filter("unread", "Unread only", "check"),
        ],
        "actor": actor,
        "now": now,
    }
    return render_page(request, "notices/page.html", "notices/_rows.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark notices read."""
    actor = actor_of(request)
    ids = ids_of(request.POST.getlist("notice"))
    mark_read(ids, team_ids=actor.team_ids, is_operator=actor.is_operator, now=timezone.now())
    return redirect("notices")
