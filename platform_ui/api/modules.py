"""Modules over the API: the list, one module and everything asked about it."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.http import http_date
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.lines import module_lines
from lifecycle.services.waits import unused_for
from lineage.graph.neighbourhood import DIRECTIONS
from lineage.models import Environment, Module, Version
from lineage.selectors.dependencies import direct_dependencies, transitive_dependencies
from lineage.selectors.dependents import (
    DependentFilter,
    direct_dependents,
    transitive_dependents,
)
from lineage.selectors.graph import MOST_DEPTH, neighbourhood_of
from lineage.selectors.modules import (
    SORTS,
    ModuleFilter,
    module_list,
    module_named,
    module_summary,
)
from lineage.selectors.paging import slice_of
from lineage.selectors.removal import removal_of
from lineage.selectors.uptake import uptake
from lineage.selectors.versions import version_facts, version_list, version_named
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, either, page_of, page_response

MOST_NODES = 150


class ModuleQuery(PageQuery):
    q = serializers.CharField(default="", max_length=500, help_text="Words of the name.")
    kind = serializers.ChoiceField(choices=["", *Module.Kind.values], default="")
    owner = serializers.CharField(default="", help_text="A team's name; - for the ownerless.")
    ecosystem = serializers.CharField(default="")
    sort = serializers.ChoiceField(choices=SORTS, default="name")


class ModulesView(APIView):
    @extend_schema(
        summary="Modules",
        operation_id="modules",
        parameters=[ModuleQuery],
        responses=page_of(shapes.ModuleRowShape),
    )
    def get(self, request: Request) -> Response:
        """Every module with its counts."""
        values = asked(request, ModuleQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        part = module_list(ModuleFilter(**values), now=timezone.now(), **place)
        return page_response(request, part, shapes.ModuleRowShape)


class ModuleView(APIView):
    @extend_schema(
        summary="A module and its lines", responses=shapes.ModuleDetailShape, operation_id="module"
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Its head and its lines, newest first, with where each stands."""
        asked(request, Query)
        module, now = module_named(ecosystem, name), timezone.now()
        head = shapes.ModuleSummaryShape(module_summary(module, now=now)).data
        lines = shapes.MajorLineShape(module_lines(module, now=now), many=True).data
        return Response({**head, "lines": lines})


class VersionsQuery(PageQuery):
    line = serializers.CharField(default="", help_text="A line, such as 1.x or 1.4.x.")


class VersionsView(APIView):
    @extend_schema(
        summary="Versions of a module",
        operation_id="module_versions",
        parameters=[VersionsQuery],
        responses=page_of(shapes.VersionRowShape),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Versions, newest first, with their use."""
        values = asked(request, VersionsQuery)
        part = version_list(module_named(ecosystem, name), now=timezone.now(), **values)
        return page_response(request, part, shapes.VersionRowShape)


class VersionView(APIView):
    @extend_schema(
        summary="A version", responses=shapes.VersionShape, operation_id="module_version"
    )
    def get(self, request: Request, ecosystem: str, name: str, version: str) -> Response:
        """A version in full; Deprecation and Sunset headers say what is to come of it."""
        asked(request, Query)
        row = version_named(module_named(ecosystem, name), version)
        facts = version_facts([row], now=timezone.now())[0]
        return Response(shapes.VersionShape(facts).data, headers=end_headers(row))


def end_headers(version: Version) -> dict[str, str]:
    """Deprecation (RFC 9745) and Sunset (RFC 8594) of a version, as far as they are known."""
    headers: dict[str, str] = {}
    deprecation = version.deprecation
    sunset_at = version.sunset_at or (deprecation.sunset_at if deprecation else None)
    since = deprecation.since if deprecation else version.sunset_at
    if sunset_at is not None:
        headers["Sunset"] = http_date(sunset_at.timestamp())
    if since is not None:
        # A sunset must not be said to come before the deprecation.
        instants = [at for at in (since, sunset_at) if at is not None]
        headers["Deprecation"] = f"@{int(min(instants).timestamp())}"
    return headers


class DependentsQuery(PageQuery):
    range = serializers.CharField(default="", help_text="Only those that resolve into it.")
    transitive = serializers.BooleanField(default=False)
    environment = serializers.CharField(default="")
    owner = serializers.CharField(default="")
    q = serializers.CharField(default="", max_length=500)
    include = serializers.ChoiceField(
        choices=["current", "all"],
        default="current",
        help_text="current: newest versions and those in use.",
    )


TOTALS: dict[str, Any] = {
    "live_prod": serializers.IntegerField(help_text="Distinct deployments over all pages."),
    "live_preprod": serializers.IntegerField(),
    "epoch": serializers.IntegerField(),
}


class DependentsView(APIView):
    @extend_schema(
        summary="Who depends on a module",
        operation_id="module_dependents",
        parameters=[DependentsQuery],
        responses=either(
            "Dependents",
            page_of(shapes.DependentShape, **TOTALS),
            page_of(shapes.TransitiveDependentShape, **TOTALS),
        ),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Direct dependents with declared range and resolved version, or all that reach it."""
        values = asked(request, DependentsQuery)
        is_transitive = values.pop("transitive")
        place = {"page": values.pop("page"), "size": values.pop("size"), "now": timezone.now()}
        module, filter = module_named(ecosystem, name), DependentFilter(**values)
        if is_transitive:
            reached = transitive_dependents(module, filter, **place)
            return page_response(
                request, reached, shapes.TransitiveDependentShape, **_totals(reached)
            )
        found = direct_dependents(module, filter, **place)
        return page_response(request, found, shapes.DependentShape, **_totals(found))


def _totals(part: Any) -> dict[str, int]:
    return {name: getattr(part, name) for name in TOTALS}


class DependenciesQuery(PageQuery):
    version = serializers.CharField(default="", help_text="The newest version unless said.")
    transitive = serializers.BooleanField(default=False)


class DependenciesView(APIView):
    @extend_schema(
        summary="What a version depends on",
        operation_id="module_dependencies",
        parameters=[DependenciesQuery],
        responses=either(
            "Dependencies",
            page_of(shapes.DependencyShape, version=serializers.CharField()),
            page_of(shapes.ReachedVersionShape, version=serializers.CharField()),
        ),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Declared edges of a version, or every version it reaches, nearest first."""
        values = asked(request, DependenciesQuery)
        now, module = timezone.now(), module_named(ecosystem, name)
        version = _version_or_newest(module, values["version"], now)
        place = {"page": values["page"], "size": values["size"]}
        if values["transitive"]:
            reached = transitive_dependencies(version, now=now, **place)
            return page_response(
                request, reached, shapes.ReachedVersionShape, version=version.version
            )
        declared = slice_of(direct_dependencies(version, now=now), **place)
        return page_response(request, declared, shapes.DependencyShape, version=version.version)


def _version_or_newest(module: Module, text: str, now: datetime) -> Version:
    if text:
        return version_named(module, text)
    newest = module_summary(module, now=now).newest
    if newest is None:
        raise NotFound(f"{module.name} has no version yet.")
    return newest


class UptakeQuery(Query):
    days = serializers.IntegerField(min_value=1, max_value=730, default=90)
    tier = serializers.ChoiceField(choices=["", *Environment.Tier.values], default="")


class UptakeView(APIView):
    @extend_schema(
        summary="Uptake of a module",
        operation_id="module_uptake",
        parameters=[UptakeQuery],
        responses=shapes.UptakeShape,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Live deployments of its direct consumers by the major line they took, day by day."""
        values = asked(request, UptakeQuery)
        found = uptake(module_named(ecosystem, name), now=timezone.now(), **values)
        return Response(shapes.UptakeShape(found).data)


class RemovalQuery(Query):
    range = serializers.CharField(help_text="A line, such as 1.x or 1.4.x.")


class RemovalView(APIView):
    @extend_schema(
        summary="Can a line be removed",
        operation_id="module_removal",
        parameters=[RemovalQuery],
        responses=shapes.RemovalShape,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Yes, no or not yet, with whoever stands in the way by name."""
        line = asked(request, RemovalQuery)["range"]
        module = module_named(ecosystem, name)
        found = removal_of(module, line, now=timezone.now(), unused_for=unused_for())
        return Response(shapes.RemovalShape(found).data)


class GraphQuery(Query):
    direction = serializers.ChoiceField(choices=DIRECTIONS, default="both")
    depth = serializers.IntegerField(min_value=1, max_value=MOST_DEPTH, default=1)


class GraphView(APIView):
    @extend_schema(
        summary="The neighbourhood of a module",
        operation_id="module_graph",
        parameters=[GraphQuery],
        responses=shapes.GraphShape,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """The modules around it, those with most live deployments first, and their edges."""
        values = asked(request, GraphQuery)
        found = neighbourhood_of(
            module_named(ecosystem, name), now=timezone.now(), limit=MOST_NODES, **values
        )
        if found is None:
            raise NotFound("The graph does not hold this module yet.")
        return Response(shapes.GraphShape(found).data)
