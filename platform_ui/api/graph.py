"""The neighbourhood of a module over the API, as an answer or as a file."""

import re

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from lineage.graph.export import FORMATS, MEDIA_TYPES, Export
from lineage.graph.neighbourhood import DIRECTIONS
from lineage.models import Module
from lineage.selectors.graph import (
    MOST_ASKED,
    MOST_DEPTH,
    MOST_EXPORTED,
    neighbourhood_file,
    neighbourhood_of,
)
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api.modules import PartView
from platform_ui.api.pages import Query, asked

MOST_NODES = 150
NOT_YET = "The graph does not hold this module yet."


class GraphQuery(Query):
    direction = serializers.ChoiceField(choices=DIRECTIONS, default="both")
    depth = serializers.IntegerField(min_value=1, max_value=MOST_DEPTH, default=1)
    limit = serializers.IntegerField(
        min_value=1,
        default=MOST_NODES,
        help_text=f"Modules to show, at most {MOST_ASKED}; more is cut to it. Files ignore it.",
    )
    export = serializers.ChoiceField(
        choices=["", *FORMATS],
        default="",
        help_text=f"A file instead, of up to {MOST_EXPORTED:,} modules; json is node-link.",
    )


class GraphView(PartView):
    @extend_schema(
        summary="The neighbourhood of a module",
        operation_id="module_graph",
        parameters=[GraphQuery],
        responses={
            (200, "application/json"): shapes.GraphShape,
            (200, MEDIA_TYPES["graphml"]): OpenApiTypes.STR,
            (200, MEDIA_TYPES["dot"]): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request, ecosystem: str, name: str) -> HttpResponseBase:
        """The modules around it, those with most live deployments first, and their edges.

        It shows some of the total; totals counts each column whole, shown or not.
        """
        values = asked(request, GraphQuery)
        format, limit = values.pop("export"), min(values.pop("limit"), MOST_ASKED)
        now = timezone.now()
        if format:
            file = neighbourhood_file(self.module, format, now=now, **values)
            if file is None:
                raise NotFound(NOT_YET)
            return attachment(file, self.module)
        found = neighbourhood_of(self.module, now=now, limit=limit, is_drawn=False, **values)
        if found is None:
            raise NotFound(NOT_YET)
        return Response(shapes.GraphShape(found).data)


def attachment(file: Export, module: Module) -> HttpResponse:
    """A file to be saved under the module's name."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", module.name).strip("-.") or "module"
    response = HttpResponse(file.content, content_type=file.media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-graph.{file.ending}"'
    return response
