"""What changed between two days over the API, of one module and of the whole platform."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.models import Module
from lineage.selectors.changes import KINDS, changes_between
from lineage.selectors.past import past_at
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api.modules import PartView
from platform_ui.api.pages import InstantField, PageQuery, asked, page_of, page_response


class ChangeShape(shapes.Shape):
    """One change of a module; before and after are versions, empty where there is none."""

    kind = serializers.ChoiceField(choices=KINDS)
    what = serializers.CharField(
        help_text="published, yanked, sunset, restored; gained, lost, moved"
    )
    module = shapes.ModuleRefShape()
    name = serializers.CharField(help_text="A version, a consumer, a deployment or a range.")
    before = serializers.CharField()
    after = serializers.CharField()
    consumer = shapes.ModuleRefShape(
        allow_null=True, help_text="The module that came or went as a dependent, else null."
    )


class ChangesQuery(PageQuery):
    to = InstantField(required=False, help_text="An instant or the end of a day; now unless said.")
    kind = serializers.ChoiceField(choices=["", *KINDS], default="")

    def get_fields(self) -> "dict[str, serializers.Field[Any, Any, Any, Any]]":
        first = InstantField(help_text="An instant, or the end of a day in UTC.")
        return {"from": first, **super().get_fields()}


CHANGES = page_of(
    ChangeShape,
    counts=serializers.DictField(child=serializers.IntegerField(), help_text="Of each kind."),
    first=serializers.DateTimeField(),
    last=serializers.DateTimeField(),
)


def _answer(request: Request, module: Module | None) -> Response:
    values, now = asked(request, ChangesQuery), timezone.now()
    first = past_at(values["from"], now) or now
    last = past_at(values.get("to"), now)
    place = {"page": values["page"], "size": values["size"], "kind": values["kind"]}
    found = changes_between(first, last, now=now, module=module, **place)
    totals = {"counts": found.counts, "first": found.first, "last": found.last}
    return page_response(request, found, ChangeShape, **totals)


class ModuleChangesView(PartView):
    @extend_schema(
        summary="What changed of a module",
        operation_id="module_diff",
        parameters=[ChangesQuery],
        responses=CHANGES,
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Its versions, dependents, their deployments and resolutions, from one day to another."""
        return _answer(request, self.module)


class ChangesView(APIView):
    @extend_schema(
        summary="What changed", operation_id="diff", parameters=[ChangesQuery], responses=CHANGES
    )
    def get(self, request: Request) -> Response:
        """Versions, dependents, deployments and resolutions, from one day to another."""
        return _answer(request, None)
