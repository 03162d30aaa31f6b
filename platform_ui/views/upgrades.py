"""Upgrades: what consumers run and what they must or may move to."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lifecycle.exceptions import CannotSnooze, PermissionDenied, UnknownThing
from lifecycle.selectors.campaigns import campaigns_over
from lifecycle.selectors.upgrades import seen_upgrades
from lifecycle.services.snoozes import snooze, wake
from lineage.exceptions import NoSuchDependency
from lineage.selectors.upgrade_paths import PathAnswer, path_of
from lineage.selectors.upgrades import MOVES, STATUSES, UpgradeFilter, UpgradeRow, Upgrades
from platform_ui.accounts.actors import actor_of
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.params import day_of, page_of, size_of, text_of
from platform_ui.upgrade_questions import question_of
from platform_ui.views.modules import named_or_404, owner_choices

URGENT = ("dying", "deprecated", "withdrawn")
WORDS = {
    "dying": "Dying",
    "deprecated": "Deprecated",
    "withdrawn": "Nothing sound satisfies it",
    "fix": "Fix available",
    "behind": "Behind",
    "current": "Up to date",
}
LOOKS = {"withdrawn": "blocked", "fix": "behind", "current": "live"}
USUAL_SNOOZE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one urgency on this page; ``count`` of all pages."""

    status: str
    look: str
    word: str
    count: int
    rows: Sequence[UpgradeRow]


@dataclass(frozen=True, slots=True)
class Section:
    """What must be done, what comes by itself, or what is up to date."""

    move: str
    title: str
    note: str
    count: int
    groups: Sequence[Group]


TITLES = {
    "must_act": ("You must act", "the range shuts it out, or what it takes has to be left"),
    "by_itself": ("Do nothing and you get", "the range takes it, the next deployment brings it"),
    "nothing": ("Up to date", "the range takes the newest version already"),
}


def upgrades_page(request: HttpRequest) -> HttpResponse:
    """What a module, a team or one's own teams run; everything where one has no team."""
    params, now = request.GET, timezone.now()
    question = question_of(request)
    rows = seen_upgrades(
        question.filter,
        now=now,
        snoozed=question.snoozed,
        page=page_of(params),
        size=size_of(params),
    )
    actor = actor_of(request)
    context = {
        "rows": rows,
        "sections": _sections(rows, question.filter),
        "campaigns": campaigns_over([row.current for row in rows.rows if row.current]),
        "counts": rows.counts,
        "urgent": sum(rows.counts[status] for status in URGENT),
        "moving": rows.moving,
        "open": text_of(params, "path"),
        "path": _path(rows, text_of(params, "path"), now),
        "snoozing": text_of(params, "snooze"),
        "may": {row.key for row in rows.rows if actor.may_sunset(row.consumer.module.owner_id)},
        "usual_until": (now + USUAL_SNOOZE).date(),
        "question": question,
        "filters": _filters(rows),
        "now": now,
    }
    return render_page(request, "upgrades/page.html", "upgrades/_rows.html", context)


@require_POST
def snooze_upgrade(request: HttpRequest) -> HttpResponse:
    """Put an upgrade aside."""
    stated, now = request.POST, timezone.now()
    consumer = named_or_404(text_of(stated, "ecosystem"), text_of(stated, "module"))
    dependency = named_or_404(
        text_of(stated, "dependency_ecosystem"), text_of(stated, "dependency")
    )
    try:
        until = day_of(stated, "until")
        if until is None:
            raise CannotSnooze("it needs a day on which it ends")
        reason = stated.get("reason", "").replace("\x00", "")
        snooze(consumer, dependency, until=until, reason=reason, actor=actor_of(request), now=now)
    except (CannotSnooze, PermissionDenied) as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"Snoozed until {until:%Y-%m-%d}: {consumer.name} on {dependency.name}. "
            "It comes back earlier if it gets more urgent.",
        )
    return _back(request)


@require_POST
def wake_upgrade(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an upgrade up again."""
    try:
        found = wake(pk, actor=actor_of(request), now=timezone.now())
    except UnknownThing as error:
        raise Http404(str(error)) from error
    except PermissionDenied as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Back on the list: {found}.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect(target)
    return redirect("upgrades")


def _sections(rows: Upgrades, filter: UpgradeFilter) -> list[Section]:
    """The rows as sections and groups; rows come sorted by urgency."""
    sections = []
    for move in MOVES:
        mine = [row for row in rows.rows if row.moves == move]
        if not mine:
            continue
        groups = [
            Group(
                status,
                LOOKS.get(status, status),
                WORDS[status],
                rows.counts[status] if move == "must_act" else rows.moving[move],
                [row for row in mine if row.status == status],
            )
            for status in STATUSES
            if any(row.status == status for row in mine)
        ]
        count = rows.moving[move]
        if move == "must_act":
            count = sum(rows.counts[one] for one in filter.statuses if one != "current")
        sections.append(Section(move, *TITLES[move], count, groups))
    return sections


def _path(rows: Upgrades, wanted: str, now: datetime) -> PathAnswer | None:
    """How the unfolded row gets to the newest version; only that one is computed."""
    for row in rows.rows:
        if wanted == row.key:
            with suppress(NoSuchDependency):
                return path_of(row.consumer, row.dependency, now=now)
    return None


def _filters(rows: Upgrades) -> list[Filter]:
    return [
        Filter("q", "Module or dependency", "search"),
        Filter(
            "owner",
            "Owner",
            choices=[Choice("*", "everybody"), *owner_choices()[1:]],
            any_label="My teams",
        ),
        Filter(
            "status",
            "Status",
            choices=[Choice(status, WORDS[status], rows.counts[status]) for status in STATUSES],
            any_label="All that can move",
        ),
        Filter(
            "snoozed",
            "Snoozed",
            choices=[Choice("only", "only", rows.aside), Choice("show", "shown too")],
            any_label="hidden",
        ),
    ]
