"""Exemptions over the API: asked for, answered, ended; by POST only."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import Exemption
from lifecycle.rules.registry import RULES, rule_choices
from lifecycle.selectors.exemptions import (
    STANDINGS,
    ExemptionFilter,
    exemption_by_id,
    exemption_list,
)
from lifecycle.services.exemptions import (
    ExemptionRequest,
    approve_exemption,
    decline_exemption,
    end_exemption,
    request_exemption,
)
from lifecycle.tasks import deliver_notices
from lineage.selectors.modules import module_named
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE
from platform_ui.api.lineage_shapes import ModuleRefShape
from platform_ui.api.pages import (
    InstantField,
    PageQuery,
    Query,
    asked,
    page_of,
    page_response,
    stated,
)

Answer = Callable[..., Exemption]


class ExemptionShape(serializers.ModelSerializer[Exemption]):
    """What is kept from going, why, and until when."""

    module = ModuleRefShape(allow_null=True)

    class Meta:
        model = Exemption
        fields = (
            "id", "state", "rule", "module", "line", "deployment_key", "reason", "requested_by",
            "requested_at", "decided_by", "decided_at", "expires_at", "ended_by", "ended_at",
            "end_reason",
        )  # fmt: skip


class ExemptionRequestShape(serializers.Serializer[Any]):
    """What is to stay: a module, a line of it, or the deployments of one key."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(required=False, max_length=256)
    line = serializers.CharField(default="", max_length=260, allow_blank=True)
    deployment = serializers.CharField(required=False, max_length=512)
    rule = serializers.ChoiceField(
        choices=rule_choices(),
        allow_blank=True,
        default="",
        help_text="Kept from this rule; empty: from all.",
    )
    reason = serializers.CharField(max_length=2_000)
    expires_at = InstantField(help_text="A day alone is its end.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("module" in attrs) == ("deployment" in attrs):
            raise serializers.ValidationError("Name either a module or a deployment.")
        return attrs


class ExemptionAnswerShape(serializers.Serializer[Any]):
    """Why it is answered or ended so."""

    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class ExemptionQuery(PageQuery):
    standing = serializers.ChoiceField(choices=["", *STANDINGS], default="")
    rule = serializers.ChoiceField(choices=["", *RULES], default="")
    owner = serializers.CharField(default="", max_length=128)
    module = serializers.CharField(default="", max_length=256)


class ExemptionsView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Exemptions",
        operation_id="exemptions",
        parameters=[ExemptionQuery],
        responses=page_of(ExemptionShape),
    )
    def get(self, request: Request) -> Response:
        """What is kept from going: what waits for an answer first, then what ends soonest."""
        values = asked(request, ExemptionQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        part = exemption_list(ExemptionFilter(**values), now=timezone.now(), **place)
        return page_response(request, part, ExemptionShape)

    @extend_schema(
        summary="Ask for an exemption",
        operation_id="exemption_request",
        request=ExemptionRequestShape,
        responses={201: ExemptionShape},
    )
    def post(self, request: Request) -> Response:
        """Ask that something of one's own is kept; it bites once somebody else approved it."""
        values = stated(request, ExemptionRequestShape)
        module = None
        if "module" in values:
            module = module_named(values["ecosystem"], values["module"])
        wanted = ExemptionRequest(
            expires_at=values["expires_at"],
            reason=values["reason"],
            rule=values["rule"],
            module_id=module.pk if module else None,
            line=values["line"],
            deployment_key=values.get("deployment", ""),
        )
        row = request_exemption(wanted, actor=caller_of(request), now=timezone.now())
        jobs.start(deliver_notices)
        return Response(ExemptionShape(row).data, status=status.HTTP_201_CREATED)


class ExemptionView(APIView):
    @extend_schema(summary="An exemption", operation_id="exemption", responses=ExemptionShape)
    def get(self, request: Request, pk: int) -> Response:
        """One exemption."""
        asked(request, Query)
        return Response(ExemptionShape(exemption_by_id(pk)).data)


def _answered(request: Request, pk: int, answer: Answer, now: datetime) -> Response:
    reason = stated(request, ExemptionAnswerShape)["reason"]
    row = answer(pk, actor=caller_of(request), reason=reason, now=now)
    jobs.start(deliver_notices)
    return Response(ExemptionShape(row).data)


class ApproveExemptionView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Approve an exemption",
        operation_id="exemption_approve",
        request=ExemptionAnswerShape,
        responses=ExemptionShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let it bite. For operators, and members of the owning team other than who asked."""
        return _answered(request, pk, approve_exemption, timezone.now())


class DeclineExemptionView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Decline an exemption",
        operation_id="exemption_decline",
        request=ExemptionAnswerShape,
        responses=ExemptionShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Answer no. For those who may approve."""
        return _answered(request, pk, decline_exemption, timezone.now())


class EndExemptionView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="End an exemption",
        operation_id="exemption_end",
        request=ExemptionAnswerShape,
        responses=ExemptionShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """End it before its time, or take a request back. For the owning team and operators."""
        return _answered(request, pk, end_exemption, timezone.now())
