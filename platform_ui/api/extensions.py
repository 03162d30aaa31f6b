"""More time for deployments, over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.services.extensions import extend_deployments
from lifecycle.tasks import deliver_notices
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE
from platform_ui.api.lineage_shapes import Shape
from platform_ui.api.pages import Query, asked

MOST_KEYS = 500


class ExtendShape(serializers.Serializer[Any]):
    """Which deployments are to run on, and why."""

    deployments = serializers.ListField(
        child=serializers.CharField(max_length=512), min_length=1, max_length=MOST_KEYS
    )
    days = serializers.IntegerField(
        required=False, min_value=1, max_value=3_650,
        help_text="Fewer days than the policy gives at once.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class ExtendedShape(Shape):
    """One that was given more time."""

    key = serializers.CharField()
    before = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class RefusedShape(Shape):
    """One that was not, and why."""

    key = serializers.CharField()
    reason = serializers.CharField()


class ExtensionsShape(Shape):
    """What became of each deployment that was named."""

    extended = ExtendedShape(many=True)
    refused = RefusedShape(many=True)


class ExtendView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Extend TTLs",
        operation_id="deployments_extend",
        request=ExtendShape,
        responses=ExtensionsShape,
    )
    def post(self, request: Request) -> Response:
        """Give live deployments more time, as far as their policies allow.

        403: one of them is not yours, and nothing was extended. 409: none could be. What a
        policy refuses is named beside what was extended.
        """
        asked(request, Query)
        body = ExtendShape(data=request.data)
        body.is_valid(raise_exception=True)
        stated = dict(body.validated_data)
        done = extend_deployments(
            stated["deployments"],
            actor=caller_of(request),
            reason=stated["reason"],
            days=stated.get("days"),
            now=timezone.now(),
        )
        jobs.start(deliver_notices)
        return Response(ExtensionsShape(done).data)
