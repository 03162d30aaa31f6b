"""Environments over the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.selectors.environments import environment_list
from platform_ui.api.lineage_shapes import Shape
from platform_ui.api.pages import PageQuery, asked, page_of, page_response


class EnvironmentShape(Shape):
    """A place to run."""

    name = serializers.CharField(source="environment.name")
    tier = serializers.CharField(source="environment.tier")
    is_declared = serializers.BooleanField(
        source="environment.is_declared", help_text="A record states the tier."
    )
    ttl = serializers.IntegerField(
        source="environment.ttl", allow_null=True, help_text="In seconds."
    )
    label = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        source="environment.label", help_text="What events call it."
    )
    url = serializers.CharField(source="environment.url")
    live = serializers.IntegerField(help_text="Live deployments.")
    deleted_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when it is gone; null while it is there."
    )


class EnvironmentsView(APIView):
    @extend_schema(
        summary="Environments",
        operation_id="environments",
        parameters=[PageQuery],
        responses=page_of(EnvironmentShape),
    )
    def get(self, request: Request) -> Response:
        """Every environment by name, those that were deleted included."""
        return page_response(
            request, environment_list(**asked(request, PageQuery)), EnvironmentShape
        )
