"""Sources and their full inventories over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.services.sources import accept_inventory, choose_cadence, dismiss_inventory
from lineage.models import Inventory
from lineage.selectors.sources import (
    inventory_by_id,
    inventory_list,
    source_list,
    source_named,
    unlisted_by,
)
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import ADMIN
from platform_ui.api import sources_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated


class SourcesView(APIView):
    @extend_schema(
        summary="Sources", operation_id="sources", responses=shapes.SourceShape(many=True)
    )
    def get(self, request: Request) -> Response:
        """Where records come from, what each vouches for and where it stands."""
        asked(request, Query)
        return Response(shapes.SourceShape(source_list(timezone.now()), many=True).data)


class SourceView(APIView):
    required_scopes = {"PATCH": ADMIN}

    @extend_schema(summary="A source", operation_id="source", responses=shapes.SourceShape)
    def get(self, request: Request, name: str) -> Response:
        """One source."""
        asked(request, Query)
        return Response(shapes.SourceShape(source_named(name, now=timezone.now())).data)

    @extend_schema(
        summary="Choose a source's cadence",
        operation_id="source_cadence",
        request=shapes.CadenceShape,
        responses=shapes.SourceShape,
    )
    def patch(self, request: Request, name: str) -> Response:
        """Say how often it should speak; null leaves that to the source. For operators."""
        now = timezone.now()
        seconds = stated(request, shapes.CadenceShape)["cadence"]
        choose_cadence(name, seconds, actor=caller_of(request), now=now)
        return Response(shapes.SourceShape(source_named(name, now=now)).data)


class InventoryQuery(PageQuery):
    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        default="", max_length=128
    )
    state = serializers.ChoiceField(choices=["", *Inventory.State.values], default="")


class InventoriesView(APIView):
    @extend_schema(
        summary="Full inventories",
        operation_id="inventories",
        parameters=[InventoryQuery],
        responses=page_of(shapes.InventoryShape),
    )
    def get(self, request: Request) -> Response:
        """What sources listed in full, newest first; ``state=held`` are the open holds."""
        part = inventory_list(**asked(request, InventoryQuery))
        return page_response(request, part, shapes.InventoryShape)


class InventoryView(APIView):
    @extend_schema(
        summary="A full inventory", operation_id="inventory", responses=shapes.InventoryShape
    )
    def get(self, request: Request, pk: int) -> Response:
        """One inventory, and what was decided on it."""
        asked(request, Query)
        return Response(shapes.InventoryShape(inventory_by_id(pk)).data)


class UnlistedView(APIView):
    @extend_schema(
        summary="What a held inventory no longer lists",
        operation_id="inventory_unlisted",
        parameters=[PageQuery],
        responses=page_of(shapes.UnlistedShape),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The deployments that would end, or did when it was accepted; else none is kept."""
        values = asked(request, PageQuery)
        part = unlisted_by(inventory_by_id(pk), **values)
        return page_response(request, part, shapes.UnlistedShape)


class AcceptView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Accept a drop",
        operation_id="inventory_accept",
        request=shapes.DecisionShape,
        responses=shapes.InventoryShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """End what a held inventory no longer lists. For operators. 409: it is not held."""
        reason = stated(request, shapes.DecisionShape)["reason"]
        done = accept_inventory(pk, actor=caller_of(request), reason=reason, now=timezone.now())
        return Response(shapes.InventoryShape(done).data)


class DismissView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Dismiss a drop",
        operation_id="inventory_dismiss",
        request=shapes.DecisionShape,
        responses=shapes.InventoryShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Leave a held inventory at that: nothing ends. For operators. 409: it is not held."""
        reason = stated(request, shapes.DecisionShape)["reason"]
        done = dismiss_inventory(pk, actor=caller_of(request), reason=reason, now=timezone.now())
        return Response(shapes.InventoryShape(done).data)
