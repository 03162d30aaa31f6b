"""The catalogue of events over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.events import KINDS, TYPE_PREFIX
from lineage.selectors.paging import Slice, bounds
from platform_ui.api.lineage_shapes import Shape
from platform_ui.api.pages import PageQuery, asked, page_of, page_response


class EventKindShape(Shape):
    """A kind of event and the JSON Schema of its ``data``."""

    name = serializers.CharField()
    type = serializers.SerializerMethodField()
    title = serializers.CharField()
    description = serializers.CharField()
    urgency = serializers.SerializerMethodField()
    schema = serializers.SerializerMethodField()

    def get_type(self, kind: Any) -> str:
        return f"{TYPE_PREFIX}{kind.name}"

    def get_urgency(self, kind: Any) -> str:
        return str(kind.urgency.name.lower())

    def get_schema(self, kind: Any) -> dict[str, Any]:
        found: dict[str, Any] = kind.schema()
        return found


class EventCatalogueView(APIView):
    @extend_schema(
        summary="Catalogue of events",
        operation_id="event_catalogue",
        parameters=[PageQuery],
        responses=page_of(EventKindShape),
    )
    def get(self, request: Request) -> Response:
        """Every kind of event that webhooks and watchers hear of."""
        values = asked(request, PageQuery)
        start, stop = bounds(**values)
        part = Slice(list(KINDS[start:stop]), len(KINDS), values["page"], stop - start)
        return page_response(request, part, EventKindShape)
