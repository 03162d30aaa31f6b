"""Snoozes of upgrades over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.upgrades import snooze_list
from lifecycle.services.snoozes import snooze, wake
from lineage.models import Team
from lineage.selectors.modules import module_named
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE
from platform_ui.api.pages import InstantField, PageQuery, Query, asked, page_of, page_response
from platform_ui.api.upgrade_shapes import SnoozedShape


class SnoozeQuery(PageQuery):
    owner = serializers.CharField(default="", help_text="Of the consumers of one team.")


class SnoozeWish(serializers.Serializer[Any]):
    """An upgrade to put aside."""

    module = serializers.CharField(max_length=256, help_text="The consumer, by name.")
    ecosystem = serializers.CharField(default="platform", max_length=32)
    dependency = serializers.CharField(max_length=256)
    dependency_ecosystem = serializers.CharField(
        default="", max_length=32, help_text="As the consumer's."
    )
    until = InstantField(help_text="An instant, or the end of a day in UTC.")
    reason = serializers.CharField(max_length=2_000)


class SnoozesView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Snoozed upgrades",
        operation_id="snoozes",
        parameters=[SnoozeQuery],
        responses=page_of(SnoozedShape),
    )
    def get(self, request: Request) -> Response:
        """The snoozes whose time is not over, newest first."""
        values = asked(request, SnoozeQuery)
        owners = None
        if values["owner"]:
            owners = [team.pk for team in Team.objects.filter(name=values["owner"])]
            if not owners:
                raise NotFound(f"There is no team {values['owner']}.")
        place = {"page": values["page"], "size": values["size"]}
        part = snooze_list(owners=owners, now=timezone.now(), **place)
        return page_response(request, part, SnoozedShape)

    @extend_schema(
        summary="Snooze an upgrade",
        operation_id="snooze",
        request=SnoozeWish,
        responses={201: SnoozedShape},
    )
    def post(self, request: Request) -> Response:
        """Put a consumer's upgrade of a dependency aside, until then or until it gets worse."""
        asked(request, Query)
        body = SnoozeWish(data=request.data)
        body.is_valid(raise_exception=True)
        wish = body.validated_data
        consumer = module_named(wish["ecosystem"], wish["module"])
        ecosystem = wish["dependency_ecosystem"] or consumer.ecosystem
        made = snooze(
            consumer,
            module_named(ecosystem, wish["dependency"]),
            until=wish["until"],
            reason=wish["reason"],
            actor=caller_of(request),
            now=timezone.now(),
        )
        return Response(SnoozedShape(made).data, status=status.HTTP_201_CREATED)


class WakeView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Wake a snoozed upgrade",
        operation_id="wake",
        request=None,
        responses=SnoozedShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """End a snooze before its time."""
        asked(request, Query)
        actor = caller_of(request)
        return Response(SnoozedShape(wake(pk, actor=actor, now=timezone.now())).data)
