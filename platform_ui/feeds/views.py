"""The doors of the feeds."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from lifecycle.selectors.badges import BADGES, badge_of
from lifecycle.selectors.calendar_feed import FeedDate, feed_dates
from lifecycle.selectors.feeds import FeedEntry, Scope, feed_entries
from lineage.models import Source
from platform_ui.feeds import atom, badges, ics
from platform_ui.feeds.readers import Reader, for_readers
from platform_ui.feeds.validated import graph_changed_at, validated


@for_readers
def badge(
    request: HttpRequest, reader: Reader, /, ecosystem: str, name: str, kind: str
) -> HttpResponse:
    """What a badge says of a module, as SVG."""
    module = reader.module(ecosystem, name)
    if kind not in BADGES:
        raise Http404(f"There is no badge {kind}; there are {', '.join(BADGES)}.")
    body = badges.svg_of(badge_of(module, kind, now=reader.now), is_simulated=is_simulated())
    instants = [graph_changed_at(reader.now), _midnight(reader.now)]
    return validated(request, body, badges.CONTENT_TYPE, instants)


@for_readers
def module_atom(request: HttpRequest, reader: Reader, /, ecosystem: str, name: str) -> HttpResponse:
    """What happened to a module."""
    return _atom(request, reader, Scope(module=reader.module(ecosystem, name)))


@for_readers
def team_atom(request: HttpRequest, reader: Reader, /, name: str) -> HttpResponse:
    """What happened to the modules of a team."""
    return _atom(request, reader, Scope(team=reader.team(name)))


@for_readers
def module_calendar(
    request: HttpRequest, reader: Reader, /, ecosystem: str, name: str
) -> HttpResponse:
    """The dates of a module."""
    return _calendar(request, reader, Scope(module=reader.module(ecosystem, name)))


@for_readers
def team_calendar(request: HttpRequest, reader: Reader, /, name: str) -> HttpResponse:
    """The dates of the modules of a team."""
    return _calendar(request, reader, Scope(team=reader.team(name)))


@for_readers
def calendar(request: HttpRequest, reader: Reader, /) -> HttpResponse:
    """Every date."""
    reader.everything()
    return _calendar(request, reader, Scope())


def is_simulated() -> bool:
    """Whether some of the data was simulated: a feed then says so."""
    return Source.objects.filter(is_simulated=True).exists()


def _atom(request: HttpRequest, reader: Reader, scope: Scope) -> HttpResponse:
    changed_at = graph_changed_at(reader.now)
    entries = feed_entries(scope, now=reader.now)
    body = atom.atom_of(
        entries,
        title=_title(scope),
        site=request.build_absolute_uri("/"),
        home=request.build_absolute_uri(_home(scope)),
        # The path alone: a token must not be copied with what a reader shows.
        address=request.build_absolute_uri(request.path),
        link=lambda entry: request.build_absolute_uri(_url(entry)),
        changed_at=changed_at.replace(microsecond=0),
        is_simulated=is_simulated(),
    )
    instants = [changed_at, *(entry.at for entry in entries)]
    return validated(request, body, atom.CONTENT_TYPE, instants)


def _calendar(request: HttpRequest, reader: Reader, scope: Scope) -> HttpResponse:
    today = _midnight(reader.now)
    body = ics.ics_of(
        feed_dates(scope, now=reader.now),
        title=_title(scope),
        site=request.get_host(),
        link=lambda date: request.build_absolute_uri(_url(date)),
        stamp=today,
        is_simulated=is_simulated(),
    )
    return validated(request, body, ics.CONTENT_TYPE, [graph_changed_at(reader.now), today])


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _title(scope: Scope) -> str:
    thing = scope.module or scope.team
    return f"Sundial: {thing.name}" if thing else "Sundial"


def _home(scope: Scope) -> str:
    if scope.module is not None:
        return reverse("module", args=[scope.module.ecosystem, scope.module.name])
    return reverse("overview")


def _url(thing: FeedEntry | FeedDate) -> str:
    """The page that says more."""
    if thing.sunset:
        return reverse("sunset", args=[thing.sunset])
    if thing.module is None:
        return reverse("overview")
    identity = [thing.module.ecosystem, thing.module.name]
    if isinstance(thing, FeedEntry) and thing.version:
        return reverse("version", args=[*identity, thing.version])
    return reverse("module", args=identity)
