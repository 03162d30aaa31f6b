"""What versions answer over the API: resolution, chains, previews."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.selectors.resolution import Strategy, Wanted, modules_named, resolution_of
from platform_ui.accounts.scopes import READ
from platform_ui.api import resolution_shapes as shapes
from platform_ui.api.pages import Query, asked

MOST_RESOLVED = 200


class WantedShape(serializers.Serializer[Any]):
    """A range of a module."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(max_length=256)
    range = serializers.CharField(max_length=1024, allow_blank=True)


class ResolveShape(serializers.Serializer[Any]):
    """The ranges to resolve."""

    requirements = serializers.ListField(
        child=WantedShape(), max_length=MOST_RESOLVED, allow_empty=False
    )
    strategy = serializers.ChoiceField(
        choices=[strategy.value for strategy in Strategy], default=Strategy.NEWEST.value
    )


class ResolveView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Resolve ranges",
        operation_id="resolve",
        request=ResolveShape,
        responses=shapes.ResolutionsShape,
    )
    def post(self, request: Request) -> Response:
        """What satisfies each range now and all it leads to, or why nothing does.

        A conflict is an answer, not an error: `satisfiable` is false and `sentences` say why.
        """
        asked(request, Query)
        body = ResolveShape(data=request.data)
        body.is_valid(raise_exception=True)
        rows = body.validated_data["requirements"]
        modules = modules_named([(one["ecosystem"], one["module"]) for one in rows])
        wanted = [Wanted(modules[one["ecosystem"], one["module"]], one["range"]) for one in rows]
        strategy = Strategy(body.validated_data["strategy"])
        found = resolution_of(wanted, strategy=strategy, now=timezone.now())
        return Response(shapes.ResolutionsShape(found).data)
