"""Upgrade requests over the API: asked by providers, acknowledged by bots and people."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import UpgradeRequest
from lifecycle.selectors.upgrade_requests import (
    RequestFilter,
    request_by_id,
    request_list,
    request_states,
)
from lifecycle.services.upgrade_requests import (
    Ask,
    acknowledge_upgrade,
    cancel_upgrade,
    request_upgrades,
)
from lifecycle.tasks import deliver_notices
from lineage.exceptions import UnknownModule
from lineage.models import Module
from lineage.selectors.modules import module_named
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE
from platform_ui.api.lineage_shapes import ModuleRefShape, Shape, VersionText
from platform_ui.api.pages import (
    InstantField,
    PageQuery,
    Query,
    asked,
    page_of,
    page_response,
    stated,
)

MOST_ASKED = 500


class UpgradeRequestShape(serializers.ModelSerializer[UpgradeRequest]):
    """What one consumer is asked to take, and how far it has come."""

    consumer = ModuleRefShape()
    dependency = ModuleRefShape()
    published_version = VersionText(help_text="The one that takes it.")

    class Meta:
        model = UpgradeRequest
        fields = (
            "id", "state", "consumer", "dependency", "declared", "wanted_range", "scm_repo",
            "scm_commit", "reason", "deadline", "campaign", "requested_by", "requested_at",
            "acknowledged_by", "acknowledged_at", "reference", "published_version", "closed_by",
            "closed_at", "close_reason",
        )  # fmt: skip


class NamedModuleShape(serializers.Serializer[Any]):
    """A module by name."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    name = serializers.CharField(max_length=512)


class UpgradeAskShape(serializers.Serializer[Any]):
    """Who is asked to take what of the dependency, why and until when."""

    dependency = NamedModuleShape()
    consumers = NamedModuleShape(many=True, allow_empty=False)
    wanted_range = serializers.CharField(max_length=1024)
    reason = serializers.CharField(max_length=2000)
    deadline = InstantField(required=False, allow_null=True, default=None)
    line = serializers.CharField(
        max_length=260,
        default="",
        allow_blank=True,
        help_text="What is to be left; the requests belong to the campaign that drains it.",
    )


class RequestedShape(Shape):
    """The requests made, and those that stood already and were left as they are."""

    created = UpgradeRequestShape(many=True)
    standing = UpgradeRequestShape(many=True)


class RequestQuery(PageQuery):
    state = serializers.ChoiceField(
        choices=["", "open", "closed", *UpgradeRequest.State.values],
        default="",
        help_text="open: not closed, whatever it came to.",
    )
    consumer = serializers.CharField(default="")
    dependency = serializers.CharField(default="")
    ecosystem = serializers.CharField(default="", help_text="Of the dependency.")
    owner = serializers.CharField(default="", help_text="The consumer's team.")
    campaign = serializers.IntegerField(default=None, min_value=1)


class UpgradeRequestsView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Upgrade requests",
        operation_id="upgrade_requests",
        parameters=[RequestQuery],
        responses=page_of(
            UpgradeRequestShape,
            states=serializers.DictField(
                child=serializers.IntegerField(), help_text="Of all that match, by state."
            ),
        ),
    )
    def get(self, request: Request) -> Response:
        """What was asked of consumers, newest first."""
        values = asked(request, RequestQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        filter = RequestFilter(**values)
        return page_response(
            request,
            request_list(filter, **place),
            UpgradeRequestShape,
            states=request_states(filter),
        )

    @extend_schema(
        summary="Ask for upgrades",
        operation_id="upgrade_requests_ask",
        request=UpgradeAskShape,
        responses={201: RequestedShape},
    )
    def post(self, request: Request) -> Response:
        """Ask consumers to take a range of a dependency; their owners are told.

        Closes by itself when the data shows it done. Who was asked already is not asked twice.
        """
        values = stated(request, UpgradeAskShape)
        if len(values["consumers"]) > MOST_ASKED:
            raise ValidationError({"consumers": [f"At most {MOST_ASKED} at once."]})
        found = request_upgrades(
            _module(values["dependency"]),
            [_module(named) for named in values["consumers"]],
            Ask(values["wanted_range"], values["reason"], values["deadline"], values["line"]),
            actor=caller_of(request),
            now=timezone.now(),
        )
        jobs.start(deliver_notices)
        return Response(RequestedShape(found).data, status=status.HTTP_201_CREATED)


class UpgradeRequestView(APIView):
    @extend_schema(
        summary="An upgrade request",
        operation_id="upgrade_request",
        responses=UpgradeRequestShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        """What one consumer is asked to take, where its source is, and how far it has come."""
        asked(request, Query)
        return Response(UpgradeRequestShape(request_by_id(pk)).data)


class ReferenceShape(serializers.Serializer[Any]):
    """Where the work is, such as a pull request's address."""

    reference = serializers.CharField(max_length=1024, allow_blank=True, default="")


class AcknowledgeUpgradeView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Acknowledge an upgrade request",
        operation_id="upgrade_request_acknowledge",
        request=ReferenceShape,
        responses=UpgradeRequestShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """The consumer's side works on it. Sent again it renews the reference."""
        reference = stated(request, ReferenceShape)["reference"]
        actor = caller_of(request)
        done = acknowledge_upgrade(pk, reference=reference, actor=actor, now=timezone.now())
        return Response(UpgradeRequestShape(done).data)


class CancelShape(serializers.Serializer[Any]):
    """Why it is taken back."""

    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class CancelUpgradeView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Take an upgrade request back",
        operation_id="upgrade_request_cancel",
        request=CancelShape,
        responses=UpgradeRequestShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """The dependency's owner no longer asks for it."""
        reason = stated(request, CancelShape)["reason"]
        actor = caller_of(request)
        done = cancel_upgrade(pk, reason=reason, actor=actor, now=timezone.now())
        return Response(UpgradeRequestShape(done).data)


def _module(named: dict[str, str]) -> Module:
    try:
        return module_named(named["ecosystem"], named["name"])
    except UnknownModule as error:
        raise ValidationError({"modules": [str(error)]}) from error
