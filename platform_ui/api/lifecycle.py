"""Judgements over the API: findings and notices."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import Notice
from lifecycle.rules.registry import RULES
from lifecycle.selectors.findings import FindingFilter, finding_by_id, finding_list
from lifecycle.selectors.notices import inbox
from lifecycle.services.notices import mark_read
from lineage.models import Environment
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import READ
from platform_ui.api import lifecycle_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated

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
        actor = caller_of(request)
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
        ids = stated(request, shapes.MarkReadShape)["notices"]
        actor = caller_of(request)
        marked = mark_read(
            ids,
            team_ids=actor.team_ids,
            is_operator=actor.is_operator,
            user_id=actor.user_id,
            now=timezone.now(),
        )
        return Response({"marked": marked})
