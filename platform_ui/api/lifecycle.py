"""Judgements over the API: findings, plans, sunsets, notices, audit."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import Notice, Sunset
from lifecycle.permissions import Actor
from lifecycle.rules.registry import RULES
from lifecycle.selectors.findings import FindingFilter, finding_by_id, finding_list
from lifecycle.selectors.notices import inbox
from lifecycle.selectors.sunsets import sunset_detail, sunset_list
from lifecycle.services.notices import mark_read
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.sunsets import execute_plan, restore_sunset
from lifecycle.tasks import deliver_notices
from lineage.models import Environment
from lineage.selectors.modules import module_named
from platform_ui import jobs
from platform_ui.accounts.actors import actor_of
from platform_ui.accounts.permissions import granted_scopes
from platform_ui.accounts.scopes import LIFECYCLE, READ
from platform_ui.api import lifecycle_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response


def _actor(request: Request) -> Actor:
    return actor_of(request, granted_scopes(request))


def _stated(request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    asked(request, Query)
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


YES_OR_NO = ["", "yes", "no"]


class FindingQuery(PageQuery):
    rule = serializers.ChoiceField(choices=["", *RULES], default="")
    owner = serializers.CharField(default="", help_text="A team's name; - for the ownerless.")
    q = serializers.CharField(default="", max_length=500)
    module = serializers.CharField(default="")
    tier = serializers.ChoiceField(choices=["", *Environment.Tier.values], default="")
    state = serializers.ChoiceField(choices=["open", "closed", "all"], default="open")
    policy = serializers.CharField(default="", help_text="The name of one, built in or made.")
    frozen = serializers.ChoiceField(choices=YES_OR_NO, default="")
    exempt = serializers.ChoiceField(choices=YES_OR_NO, default="")
    actionable = serializers.ChoiceField(
        choices=YES_OR_NO, default="", help_text="Whether it can be sunset."
    )


class FindingsView(APIView):
    @extend_schema(
        summary="Findings",
        operation_id="findings",
        parameters=[FindingQuery],
        responses=page_of(shapes.FindingShape),
    )
    def get(self, request: Request) -> Response:
        """What the rules flagged, with the evidence."""
        values = asked(request, FindingQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        part = finding_list(FindingFilter(**values), **place)
        return page_response(request, part, shapes.FindingShape)


class FindingView(APIView):
    @extend_schema(summary="A finding", operation_id="finding", responses=shapes.FindingShape)
    def get(self, request: Request, pk: int) -> Response:
        """One thing a rule flagged."""
        asked(request, Query)
        return Response(shapes.FindingShape(finding_by_id(pk)).data)


class PlanView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Plan a sunset",
        operation_id="sunset_plan",
        request=shapes.PlanRequestShape,
        responses=shapes.PlanShape,
    )
    def post(self, request: Request) -> Response:
        """A dry run: what would go and what stands in its way. Changes nothing."""
        wanted = _plan_request(_stated(request, shapes.PlanRequestShape))
        return Response(shapes.PlanShape(plan_for(wanted, now=timezone.now())).data)


def _plan_request(values: dict[str, Any]) -> PlanRequest:
    if values.get("findings"):
        return PlanRequest(finding_ids=tuple(values["findings"]))
    module = module_named(values["ecosystem"], values["module"])
    return PlanRequest(module_id=module.pk, line=values["line"])


class ExecuteView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Sunset what a plan listed",
        operation_id="sunset_execute",
        request=shapes.ExecuteShape,
        responses={201: shapes.SunsetShape},
    )
    def post(self, request: Request) -> Response:
        """Do exactly what the plan of this hash listed, if it still holds.

        409: the data changed, or something named stands in the way; nothing was sunset.
        Sent twice it takes effect once.
        """
        values = _stated(request, shapes.ExecuteShape)
        sunset = execute_plan(
            _plan_request(values),
            hash=values["hash"],
            actor=_actor(request),
            reason=values["reason"],
            now=timezone.now(),
        )
        jobs.start(deliver_notices)
        return Response(shapes.SunsetShape(sunset).data, status=status.HTTP_201_CREATED)


class SunsetQuery(PageQuery):
    state = serializers.ChoiceField(choices=["", *Sunset.State], default="")


class SunsetsView(APIView):
    @extend_schema(
        summary="Sunsets",
        operation_id="sunsets",
        parameters=[SunsetQuery],
        responses=page_of(shapes.SunsetShape),
    )
    def get(self, request: Request) -> Response:
        """What was sunset, newest first."""
        part = sunset_list(**asked(request, SunsetQuery))
        return page_response(request, part, shapes.SunsetShape)


SUNSET: dict[str, Any] = {
    "sunset": shapes.SunsetShape(),
    "is_restorable": serializers.BooleanField(),
    "states": serializers.DictField(
        child=serializers.IntegerField(), help_text="Items in each state, over all pages."
    ),
}


class SunsetView(APIView):
    @extend_schema(
        summary="A sunset and its items",
        operation_id="sunset",
        parameters=[PageQuery],
        responses=page_of(shapes.SunsetItemShape, **SUNSET),
    )
    def get(self, request: Request, pk: int) -> Response:
        """One sunset, item by item."""
        detail = sunset_detail(pk, now=timezone.now(), **asked(request, PageQuery))
        return page_response(
            request,
            detail.items,
            shapes.SunsetItemShape,
            sunset=shapes.SunsetShape(detail.sunset).data,
            is_restorable=detail.is_restorable,
            states=detail.states,
        )


class RestoreView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Restore a sunset",
        operation_id="sunset_restore",
        request=shapes.RestoreShape,
        responses=shapes.SunsetShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Bring the whole batch back as it was. 409: it cannot be restored now."""
        reason = _stated(request, shapes.RestoreShape)["reason"]
        sunset = restore_sunset(pk, actor=_actor(request), reason=reason, now=timezone.now())
        jobs.start(deliver_notices)
        return Response(shapes.SunsetShape(sunset).data)


class NoticeQuery(PageQuery):
    kind = serializers.ChoiceField(choices=["", *Notice.Kind.values], default="")
    unread = serializers.BooleanField(default=False)


class NoticesView(APIView):
    @extend_schema(
        summary="Notices",
        operation_id="notices",
        parameters=[NoticeQuery],
        responses=page_of(shapes.NoticeShape),
    )
    def get(self, request: Request) -> Response:
        """What was said to one's teams, and to operators, newest first."""
        actor = _actor(request)
        values = asked(request, NoticeQuery)
        part = inbox(actor.team_ids, is_operator=actor.is_operator, user_id=actor.user_id, **values)
        return page_response(request, part, shapes.NoticeShape)


class ReadNoticesView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Mark notices read",
        operation_id="notices_read",
        request=shapes.MarkReadShape,
        responses=shapes.MarkedShape,
    )
    def post(self, request: Request) -> Response:
        """Mark notices of one's own inbox read; others are left alone."""
        ids = _stated(request, shapes.MarkReadShape)["notices"]
        actor = _actor(request)
        marked = mark_read(
            ids,
            team_ids=actor.team_ids,
            is_operator=actor.is_operator,
            user_id=actor.user_id,
            now=timezone.now(),
        )
        return Response({"marked": marked})
