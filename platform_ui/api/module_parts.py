"""What is asked about one module over the API: who uses it, what it uses, can it go."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.selectors.windows import unused_for
from lineage.models import Environment, Module, Version
from lineage.selectors.dependencies import direct_dependencies, transitive_dependencies
from lineage.selectors.dependents import (
    DependentFilter,
    direct_dependents,
    transitive_dependents,
)
from lineage.selectors.modules import newest_version
from lineage.selectors.paging import slice_of
from lineage.selectors.past import past_at, past_note
from lineage.selectors.removal import removal_of
from lineage.selectors.takers import UptakeFilter
from lineage.selectors.uptake import BY, stragglers, uptake
from lineage.selectors.versions import version_named
from lineage.selectors.window import DAYS, MOST_DAYS, window_of
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api.modules import PartView
from platform_ui.api.pages import AsOfField, PageQuery, Query, asked, either, page_of, page_response
from platform_ui.api.removal_shapes import RemovalShape


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
    as_of = AsOfField()
    takes_newest = serializers.ChoiceField(
        choices=["", "yes", "no"],
        default="",
        help_text="yes: the range takes the newest version already; no: it needs a change.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["transitive"] and attrs["takes_newest"]:
            raise serializers.ValidationError(
                {"takes_newest": ["Only direct dependents declare a range on it."]}
            )
        return attrs


TOTALS: dict[str, Any] = {
    "live_prod": serializers.IntegerField(help_text="Distinct deployments over all pages."),
    "live_preprod": serializers.IntegerField(),
    "epoch": serializers.IntegerField(),
}
PAST = {"past": shapes.PastShape(allow_null=True, help_text="Null: the answer is of now.")}


DIRECT_TOTALS: dict[str, Any] = {
    "takes_newest": serializers.IntegerField(help_text="Rows whose range takes the newest."),
    "needs_change": serializers.IntegerField(help_text="All other rows."),
    **TOTALS,
}


class DependentsView(PartView):
    @extend_schema(
        summary="Who depends on a module",
        operation_id="module_dependents",
        parameters=[DependentsQuery],
        responses=either(
            "Dependents",
            page_of(shapes.DependentShape, **DIRECT_TOTALS, **PAST),
            page_of(shapes.TransitiveDependentShape, **TOTALS, **PAST),
        ),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Direct dependents with declared range and resolved version, or all that reach it."""
        values = asked(request, DependentsQuery)
        is_transitive = values.pop("transitive")
        now = timezone.now()
        at = past_at(values.pop("as_of", None), now)
        place = {"page": values.pop("page"), "size": values.pop("size"), "now": now, "as_of": at}
        filter, past = DependentFilter(**values), _past(at)
        if is_transitive:
            reached = transitive_dependents(self.module, filter, **place)
            return page_response(
                request, reached, shapes.TransitiveDependentShape, **_totals(reached), **past
            )
        found = direct_dependents(self.module, filter, **place)
        totals = _totals(found, DIRECT_TOTALS)
        return page_response(request, found, shapes.DependentShape, **totals, **past)


def _totals(part: Any, names: Iterable[str] = TOTALS) -> dict[str, int]:
    return {name: getattr(part, name) for name in names}


def _past(at: datetime | None) -> dict[str, Any]:
    note = past_note(at)
    return {"past": None if note is None else shapes.PastShape(note).data}


class DependenciesQuery(PageQuery):
    version = serializers.CharField(default="", help_text="The newest version unless said.")
    transitive = serializers.BooleanField(default=False)
    as_of = AsOfField()


class DependenciesView(PartView):
    @extend_schema(
        summary="What a version depends on",
        operation_id="module_dependencies",
        parameters=[DependenciesQuery],
        responses=either(
            "Dependencies",
            page_of(shapes.DependencyShape, version=serializers.CharField(), **PAST),
            page_of(shapes.ReachedVersionShape, version=serializers.CharField(), **PAST),
        ),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Declared edges of a version, or every version it reaches, nearest first."""
        values = asked(request, DependenciesQuery)
        now = timezone.now()
        at = past_at(values.get("as_of"), now)
        version = _version_or_newest(self.module, values["version"], now, at)
        said = {"version": version.version, **_past(at)}
        place = {"page": values["page"], "size": values["size"]}
        if values["transitive"]:
            reached = transitive_dependencies(version, now=now, as_of=at, **place)
            return page_response(request, reached, shapes.ReachedVersionShape, **said)
        declared = slice_of(direct_dependencies(version, now=now, as_of=at), **place)
        return page_response(request, declared, shapes.DependencyShape, **said)


def _version_or_newest(module: Module, text: str, now: datetime, at: datetime | None) -> Version:
    if text:
        return version_named(module, text)
    newest = newest_version(module, now=now, as_of=at)
    if newest is None:
        raise NotFound(
            f"{module.name} had no version then." if at else f"{module.name} has no version yet."
        )
    return newest


class TakersQuery(Query):
    tier = serializers.ChoiceField(choices=["", *Environment.Tier.values], default="")
    environment = serializers.CharField(default="", help_text="One environment, by name.")


class UptakeQuery(TakersQuery):
    days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, default=DAYS, help_text="Up to today."
    )
    to = serializers.DateField(required=False, help_text="The last day; today unless said.")
    by = serializers.ChoiceField(choices=BY, default="major")

    def get_fields(self) -> "dict[str, serializers.Field[Any, Any, Any, Any]]":
        first = serializers.DateField(required=False, help_text="The first day; outranks days.")
        return {"from": first, **super().get_fields()}


class UptakeView(PartView):
    @extend_schema(
        summary="Uptake of a module",
        operation_id="module_uptake",
        parameters=[UptakeQuery],
        responses=shapes.UptakeShape,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Live deployments of its direct consumers by what they took, day by day.

        Each line that falls comes with the day its use would end, and an interval.
        """
        values, now = asked(request, UptakeQuery), timezone.now()
        window = window_of(values.get("from"), values.get("to"), days=values["days"], now=now)
        filter = UptakeFilter(values["tier"], values["environment"])
        found = uptake(self.module, now=now, window=window, filter=filter, by=values["by"])
        return Response(shapes.UptakeShape(found).data)


class StragglersQuery(TakersQuery, PageQuery):
    line = serializers.CharField(help_text="A line such as 1.x or 1.4.x, or a version.")


class StragglersView(PartView):
    @extend_schema(
        summary="Who is still on a line",
        operation_id="module_stragglers",
        parameters=[StragglersQuery],
        responses=page_of(shapes.StragglerShape),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Live deployments of direct consumers that take the line, longest running first."""
        values = asked(request, StragglersQuery)
        filter = UptakeFilter(values["tier"], values["environment"])
        place = {"page": values["page"], "size": values["size"]}
        found = stragglers(self.module, values["line"], now=timezone.now(), filter=filter, **place)
        return page_response(request, found, shapes.StragglerShape)


class RemovalQuery(PageQuery):
    range = serializers.CharField(
        max_length=1024, help_text="A line, such as 1.x or 1.4.x, or any range, such as <1.5."
    )


class RemovalView(PartView):
    @extend_schema(
        summary="Can a range be removed",
        operation_id="module_removal",
        parameters=[RemovalQuery],
        responses=RemovalShape,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Yes, no or not yet; who stands in the way, a page at a time; what would free it."""
        values = asked(request, RemovalQuery)
        window = unused_for(self.module)
        found = removal_of(self.module, now=timezone.now(), unused_for=window, **values)
        if found.named.page > found.named.pages:
            raise NotFound(f"There is no page {found.named.page}; the last is {found.named.pages}.")
        return Response(RemovalShape(found).data)
