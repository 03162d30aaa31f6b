"""How and when a person and their teams hear, and what the person watches."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from lifecycle.exceptions import LifecycleError, UnknownThing
from lifecycle.permissions import Actor
from lifecycle.schedule import time_zones
from lifecycle.selectors.hearing import delivery_list, hearing_of, subscription_list
from lifecycle.services.preferences import prefer, prefer_for_team
from lifecycle.services.subscriptions import end_subscription, subscribe
from lineage.exceptions import LineageError
from lineage.models import Environment, Module, Team
from lineage.selectors.modules import module_named
from platform_ui.accounts.actors import actor_of
from platform_ui.hearing_forms import KIND_CHOICES, WEEKDAYS, PreferenceForm, WatchForm
from platform_ui.params import page_of

HOURS = range(24)
DELIVERIES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks: the middleware let them in, so there is a user."""

    actor: Actor
    user_id: int


def person_of(request: HttpRequest) -> Person:
    """The person behind a request."""
    actor = actor_of(request)
    if actor.user_id is None:
        raise Http404
    return Person(actor, actor.user_id)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show every channel; a POST keeps one."""
    person = person_of(request)
    team = _team(request, person.actor)
    if request.method == "POST":
        return _keep(request, person, team)
    context = {
        "hearing": hearing_of(user_id=person.user_id, team=team),
        "team": team,
        "teams": Team.objects.filter(pk__in=person.actor.team_ids).order_by("name"),
        "subscriptions": subscription_list(person.user_id, page=page_of(request.GET)),
        "deliveries": delivery_list(actor=person.actor, size=DELIVERIES_SHOWN),
        "environments": Environment.objects.order_by("name").values_list("name", flat=True),
        "watchable": Team.objects.order_by("name").values_list("name", flat=True),
        "kinds": KIND_CHOICES,
        "weekdays": WEEKDAYS[1:],
        "hours": HOURS,
        "zones": sorted(time_zones()),
        "email": getattr(request.user, "email", ""),
        "now": timezone.now(),
    }
    return render(request, "notices/preferences.html", context)


@require_POST
def watch(request: HttpRequest) -> HttpResponse:
    """Watch or mute something."""
    person = person_of(request)
    form = WatchForm(request.POST)
    try:
        if not form.is_valid():
            raise UnknownThing("thing to watch")
        said = form.cleaned_data
        subscribe(
            person.user_id,
            now=timezone.now(),
            module=_module(said["ecosystem"] or "platform", said["module"]),
            team=_named_team(said["team"]),
            environment=said["environment"],
            kind=said["kind"],
            is_muted=said["is_muted"],
        )
    except (LifecycleError, LineageError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Muted." if said["is_muted"] else "You watch it now.")
    return redirect("preferences")


@require_POST
def unwatch(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the person's own subscriptions."""
    try:
        end_subscription(person_of(request).user_id, pk)
    except UnknownThing as error:
        raise Http404(str(error)) from error
    messages.success(request, "Ended.")
    return redirect("preferences")


def _keep(request: HttpRequest, person: Person, team: Team | None) -> HttpResponse:
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        messages.error(request, f"{field.replace('_', ' ')}: {faults[0]}")
        return redirect(request.get_full_path())
    try:
        if team is None:
            prefer(person.user_id, form.wish())
        else:
            prefer_for_team(team, form.wish(), actor=person.actor, now=timezone.now())
    except LifecycleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Kept.")
    return redirect(request.get_full_path())


def _team(request: HttpRequest, actor: Actor) -> Team | None:
    """The team asked about; one that is not the person's is not there for them."""
    name = request.GET.get("team", "")
    if not name:
        return None
    team = Team.objects.filter(name=name).first()
    if team is None or not (actor.is_operator or team.pk in actor.team_ids):
        raise Http404("There is no such team of yours.")
    return team


def _module(ecosystem: str, name: str) -> Module | None:
    return module_named(ecosystem, name) if name else None


def _named_team(name: str) -> Team | None:
    if not name:
        return None
    team = Team.objects.filter(name=name).first()
    if team is None:
        raise UnknownThing("team")
    return team
