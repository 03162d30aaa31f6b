"""Executor calls over the API: what operators see and decide, what executors answer."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import ExecutorCall
from lifecycle.selectors.executor_calls import CallFilter, call_list
from lifecycle.services.executor_answers import (
    acknowledge,
    refuse,
    retry_calls,
    signed_call,
    stop_calls,
)
from lifecycle.tasks import send_executor_calls
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import ADMIN
from platform_ui.api import executor_shapes as shapes
from platform_ui.api.pages import PageQuery, asked, page_of, page_response, stated


class CallQuery(PageQuery):
    state = serializers.ChoiceField(choices=["", *ExecutorCall.State.values], default="")
    operation = serializers.ChoiceField(choices=["", *ExecutorCall.Operation.values], default="")
    executor = serializers.CharField(default="", max_length=140)
    sunset = serializers.IntegerField(default=None, min_value=1, max_value=2**63 - 1)
    q = serializers.CharField(default="", max_length=500, help_text="Part of an item's name.")


class ExecutorCallsView(APIView):
    @extend_schema(
        summary="Executor calls",
        operation_id="executor_calls",
        parameters=[CallQuery],
        responses=page_of(shapes.ExecutorCallShape),
    )
    def get(self, request: Request) -> Response:
        """What executors are told, newest first, with what they answered. For operators."""
        if not caller_of(request).is_operator:
            raise PermissionDenied("Only operators read what executors are told.")
        values = asked(request, CallQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        part = call_list(CallFilter(**values), **place)
        return page_response(request, part, shapes.ExecutorCallShape)


class RetryCallsView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Try executor calls again",
        operation_id="executor_calls_retry",
        request=shapes.DecideCallsShape,
        responses=shapes.DecidedCallsShape,
    )
    def post(self, request: Request) -> Response:
        """Send calls that were given up again, each under its old key. For operators.

        409: an item of a sunset came to be in use meanwhile; then none is tried.
        """
        values = stated(request, shapes.DecideCallsShape)
        count = retry_calls(
            values["calls"], actor=caller_of(request), reason=values["reason"], now=timezone.now()
        )
        jobs.start(send_executor_calls)
        return Response({"calls": count})


class StopCallsView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Give executor calls up",
        operation_id="executor_calls_give_up",
        request=shapes.DecideCallsShape,
        responses=shapes.DecidedCallsShape,
    )
    def post(self, request: Request) -> Response:
        """Stop sending calls; an item that was to go counts as live again. For operators."""
        values = stated(request, shapes.DecideCallsShape)
        count = stop_calls(
            values["calls"], actor=caller_of(request), reason=values["reason"], now=timezone.now()
        )
        return Response({"calls": count})


class AcknowledgeView(APIView):
    """Opens to the signature of the webhook that the call was sent to, and to no token."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        summary="Answer an executor call",
        operation_id="executor_call_acknowledge",
        auth=[],
        request=shapes.AnswerShape,
        responses=shapes.AnsweredShape,
    )
    def post(self, request: Request, key: UUID) -> Response:
        """Say that a call was carried out, or never will be. Said twice it counts once.

        Signed as Standard Webhooks says, with the secret of the webhook that the call was
        sent to and its key as ``webhook-id``; no token opens this. 409: it was given up
        before, and its item counts as live.
        """
        now = timezone.now()
        call = signed_call(key, headers=request.headers, body=request.body, now=now)
        values = stated(request, shapes.AnswerShape)
        if values["status"] == "done":
            answered = acknowledge(call, now=now)
        else:
            answered = refuse(call, values["error"], now=now)
        return Response(shapes.AnsweredShape(answered).data)
