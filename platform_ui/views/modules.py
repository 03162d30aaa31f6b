"""Modules: the list, a module with its tabs, a version."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from lifecycle.selectors.exemptions import exemptions_of_module
from lifecycle.selectors.lines import module_lines
from lifecycle.selectors.windows import unused_for
from lineage.exceptions import NotYet, UnknownModule, UnknownVersion
from lineage.models import Environment, Module, Team, Version
from lineage.selectors.dependencies import direct_dependencies, transitive_dependencies
from lineage.selectors.dependents import (
    DependentFilter,
    direct_dependents,
    transitive_dependents,
)
from lineage.selectors.modules import (
    ModuleFilter,
    ModuleSummary,
    module_list,
    module_named,
    module_summary,
    newest_version,
)
from lineage.selectors.naming import smell_of
from lineage.selectors.past import past_note
from lineage.selectors.versions import version_facts, version_list, version_named
from lineage.versioning import VersioningError
from platform_ui.changes import changes_context
from platform_ui.end_headers import end_headers
from platform_ui.filters import Choice, Filter
from platform_ui.htmx import render_page
from platform_ui.module_questions import preview_context, why_context
from platform_ui.neighbourhoods import neighbourhood_context
from platform_ui.params import choice_of, page_of, past_of, size_of, text_of
from platform_ui.removal import removal_context
from platform_ui.uptake import uptake_context

TABS = (
    "lines",
    "versions",
    "dependents",
    "dependencies",
    "uptake",
    "changes",
    "graph",
    "removal",
    "why",
    "preview",
)
UNLISTED = ("removal", "why")  # reached from a row, about that row
INCLUDES = ("current", "all")
TAKES_NEWEST = ("", "yes", "no")


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a page, as the tabs component draws it."""

    key: str
    label: str
    url: str
    count: int | None = None


def modules(request: HttpRequest) -> HttpResponse:
    """Every module, searched, filtered and sorted by the address."""
    params, now = request.GET, timezone.now()
    filter = ModuleFilter(
        q=text_of(params, "q"),
        kind=text_of(params, "kind"),
        owner=text_of(params, "owner"),
        ecosystem=text_of(params, "ecosystem"),
        sort=text_of(params, "sort") or "name",
    )
    context = {
        "rows": module_list(filter, now=now, page=page_of(params), size=size_of(params)),
        "filters": _module_filters(),
        "sort": filter.sort,
        "now": now,
    }
    return render_page(request, "modules/page.html", "modules/_rows.html", context)


def _module_filters() -> list[Filter]:
    ecosystems = Module.objects.order_by("ecosystem").values_list("ecosystem", flat=True)
    return [
        Filter("q", "Name", "search"),
        Filter("kind", "Kind", choices=[Choice(k, str(word)) for k, word in Module.Kind.choices]),
        Filter("owner", "Owner", choices=owner_choices(), any_label="Anyone"),
        Filter("ecosystem", "Ecosystem", choices=[Choice(e, e) for e in ecosystems.distinct()]),
    ]


def owner_choices() -> list[Choice]:
    """Every team, and nobody."""
    names = Team.objects.order_by("name").values_list("name", flat=True)
    return [Choice("-", "nobody"), *(Choice(name, name) for name in names)]


def named_or_404(ecosystem: str, name: str) -> Module:
    """The module, or the page that says there is none."""
    try:
        return module_named(ecosystem, name)
    except UnknownModule as error:
        raise Http404(str(error)) from error


def module(request: HttpRequest, ecosystem: str, name: str) -> HttpResponse:
    """One module; ``tab`` chooses its part."""
    found = named_or_404(ecosystem, name)
    now = timezone.now()
    tab = choice_of(request.GET, "tab", TABS)
    summary = module_summary(found, now=now)
    context = {
        "module": found,
        "summary": summary,
        "tab": tab,
        "tabs": _tabs(summary, tab, request.get_full_path()),
        "smell": smell_of(found, now=now),
        "exempt": exemptions_of_module(found, now=now),
        "now": now,
        **CONTEXTS[tab](request, summary),
    }
    return render_page(request, f"modules/{tab}.html", f"modules/_{tab}.html", context)


def _tabs(summary: ModuleSummary, current: str, here: str) -> list[Tab]:
    """The parts anybody may open, and the one that is open."""
    module = summary.module
    url = reverse("module", args=[module.ecosystem, module.name])
    counts = {"versions": summary.versions, "dependents": summary.consumers}
    shown = [tab for tab in TABS if tab not in UNLISTED]
    tabs = [Tab(t, t.capitalize(), f"{url}?tab={t}", counts.get(t)) for t in shown]
    if current in UNLISTED:
        tabs.append(Tab(current, current.capitalize(), here))
    return tabs


def _lines(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    lines = module_lines(summary.module, now=timezone.now())
    return {
        "lines": lines,
        "open": text_of(request.GET, "open"),
        "live": summary.live_prod + summary.live_preprod,
        "unused_for": unused_for(summary.module),
    }


def _versions(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    line = text_of(request.GET, "line")
    rows = version_list(
        summary.module,
        now=timezone.now(),
        line=line,
        page=page_of(request.GET),
        size=size_of(request.GET),
    )
    return {"rows": rows, "line": line}


def _dependents(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    params = request.GET
    filter = DependentFilter(
        range=text_of(params, "range"),
        environment=text_of(params, "environment"),
        owner=text_of(params, "owner"),
        q=text_of(params, "q"),
        include=choice_of(params, "include", INCLUDES),
        takes_newest=choice_of(params, "takes_newest", TAKES_NEWEST),
    )
    is_transitive = params.get("transitive") == "1"
    now = timezone.now()
    past = past_of(params, now)
    context: dict[str, Any] = {
        "past": past_note(past),
        "is_transitive": is_transitive,
        "takes_newest": filter.takes_newest,
        "filters": _dependent_filters(summary),
    }
    ask = partial(
        transitive_dependents if is_transitive else direct_dependents,
        summary.module,
        now=now,
        as_of=past,
        page=page_of(params),
        size=size_of(params),
    )
    try:
        context["rows"] = ask(filter)
    except VersioningError as error:
        context["range_error"] = str(error)
        context["rows"] = ask(DependentFilter())
    return context


def _dependent_filters(summary: ModuleSummary) -> list[Filter]:
    lines = module_lines(summary.module, now=timezone.now())
    return [
        Filter("q", "Consumer", "search"),
        Filter("range", "On", choices=[Choice(row.facts.line, row.facts.line) for row in lines]),
        Filter("environment", "Environment", choices=environment_choices()),
        Filter("owner", "Owner", choices=owner_choices()[1:], any_label="Anyone"),
        Filter(
            "include",
            "Versions",
            choices=[Choice("all", "every version")],
            any_label="newest and running",
        ),
        Filter("as_of", "As of", "date"),
    ]


def environment_choices() -> list[Choice]:
    """Every environment."""
    names = Environment.objects.order_by("name").values_list("name", flat=True)
    return [Choice(name, name) for name in names]


def _dependencies(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    now = timezone.now()
    past = past_of(request.GET, now)
    context = {"past": past_note(past), "filters": [Filter("as_of", "As of", "date")]}
    text = text_of(request.GET, "version")
    if text:
        try:
            version: Version | None = version_named(summary.module, text)
        except UnknownVersion as error:
            raise Http404(str(error)) from error
    else:
        version = newest_version(summary.module, now=now, as_of=past)
    if version is None:
        return {"version": None, "rows": [], "reached": None, **context}
    return {"version": version, **context, **_dependencies_of(request, version, now, past)}


def _dependencies_of(
    request: HttpRequest, version: Version, now: datetime, past: datetime | None
) -> dict[str, Any]:
    try:
        rows = direct_dependencies(version, now=now, as_of=past)
    except NotYet as error:
        return {"not_yet": str(error)}
    page = page_of(request.GET)
    return {
        "rows": rows,
        "reached": transitive_dependencies(version, now=now, as_of=past, page=page),
    }


def _changes(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    return changes_context(request, timezone.now(), summary.module)


def _graph(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    return neighbourhood_context(request, summary.module)


CONTEXTS: dict[str, Callable[[HttpRequest, ModuleSummary], dict[str, Any]]] = {
    "lines": _lines,
    "versions": _versions,
    "dependents": _dependents,
    "dependencies": _dependencies,
    "uptake": uptake_context,
    "changes": _changes,
    "graph": _graph,
    "removal": removal_context,
    "why": why_context,
    "preview": preview_context,
}


def version(request: HttpRequest, ecosystem: str, name: str, version: str) -> HttpResponse:
    """One version: where it came from, what it declares, who uses it."""
    found = named_or_404(ecosystem, name)
    now = timezone.now()
    try:
        row = version_named(found, version)
    except UnknownVersion as error:
        raise Http404(str(error)) from error
    context = {
        "module": found,
        "version": row,
        "facts": version_facts([row], now=now)[0],
        "rows": direct_dependencies(row, now=now),
        "reached": transitive_dependencies(row, now=now, page=page_of(request.GET)),
        "now": now,
    }
    response = render_page(request, "modules/version.html", "modules/_dependencies.html", context)
    for header, value in end_headers(row).items():
        response.headers[header] = value
    return response
