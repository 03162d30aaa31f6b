"""The audit over the API: its entries, whole as a file, and whether its chain holds."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.audit import AuditFilter, audit_list
from lifecycle.selectors.audit_checks import chain_state
from lifecycle.tasks import check_audit
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import ADMIN
from platform_ui.api import audit_shapes as shapes
from platform_ui.api.pages import InstantField, PageQuery, Query, asked, page_of, page_response
from platform_ui.downloads import MEDIA_TYPES, audit_file
from platform_ui.params import start_of_day


class SinceField(InstantField):
    """An instant; a day alone is its start in UTC."""

    def to_internal_value(self, value: Any) -> Any:
        return start_of_day(str(value)) or super().to_internal_value(value)


class AuditFilterQuery(Query):
    actor = serializers.CharField(default="", max_length=256)
    action = serializers.CharField(default="", max_length=64)
    subject = serializers.CharField(default="", max_length=600)
    to = InstantField(required=False, help_text="An instant, or the end of a day in UTC.")
    q = serializers.CharField(default="", max_length=500, help_text="Words, all of them.")
    sunset = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    module = serializers.CharField(default="", max_length=256, help_text="A module's name.")

    def get_fields(self) -> "dict[str, serializers.Field[Any, Any, Any, Any]]":
        first = SinceField(required=False, help_text="An instant, or the start of a day in UTC.")
        return {"from": first, **super().get_fields()}


class AuditQuery(PageQuery, AuditFilterQuery):
    pass


class OperatorsView(APIView):
    """A door that only operators pass."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not caller_of(request).is_operator:
            raise PermissionDenied("Only operators read the audit.")


class AuditView(OperatorsView):
    @extend_schema(
        summary="Audit",
        operation_id="audit",
        parameters=[AuditQuery],
        responses=page_of(shapes.AuditShape),
    )
    def get(self, request: Request) -> Response:
        """Every step, who took it, when, why and on which evidence, newest first. For operators."""
        values = asked(request, AuditQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        return page_response(request, audit_list(_filter(values), **place), shapes.AuditShape)


class AnyAccept(BaseContentNegotiation):
    """The address says what is sent; what a client would rather have does not change it."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0] if parsers else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class AuditCsvView(OperatorsView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="The audit as CSV",
        operation_id="audit_csv",
        parameters=[AuditFilterQuery],
        responses={(200, MEDIA_TYPES["csv"]): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The rows of the list, streamed. What a spreadsheet would take for a formula is text."""
        return audit_file(_filter(asked(request, AuditFilterQuery)), "csv")


class AuditNdjsonView(OperatorsView):
    content_negotiation_class = AnyAccept

    @extend_schema(
        summary="The audit as NDJSON",
        operation_id="audit_ndjson",
        parameters=[AuditFilterQuery],
        responses={(200, MEDIA_TYPES["ndjson"]): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The rows of the list, streamed, one object a line, with hashes and seals."""
        return audit_file(_filter(asked(request, AuditFilterQuery)), "ndjson")


class AnchorQuery(Query):
    anchor = serializers.RegexField(
        r"^\d{1,18}:[0-9a-f]{64}$", default="", help_text="What an earlier check ended with."
    )


class AuditCheckView(OperatorsView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Whether the audit is whole",
        operation_id="audit_check",
        parameters=[AnchorQuery],
        responses=shapes.ChainCheckShape,
    )
    def get(self, request: Request) -> Response:
        """What the last check found, and whether an anchor kept elsewhere still stands."""
        anchor = asked(request, AnchorQuery)["anchor"]
        return Response(shapes.ChainCheckShape(chain_state(anchor)).data)

    @extend_schema(
        summary="Check the audit now",
        operation_id="audit_check_now",
        request=None,
        responses={202: shapes.ChainCheckShape},
    )
    def post(self, request: Request) -> Response:
        """Let a worker read the whole chain; GET tells what it found. For operators."""
        asked(request, Query)
        jobs.start(check_audit)
        body = shapes.ChainCheckShape(chain_state()).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


def _filter(values: dict[str, Any]) -> AuditFilter:
    return AuditFilter(since=values.pop("from", None), until=values.pop("to", None), **values)
