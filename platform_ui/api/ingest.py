"""Ingest over the API: a document in, its run and what it could not take out; the sources."""

import tempfile
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.exceptions import DocumentTooLarge
from lineage.models import IngestIssue, IngestRun
from lineage.selectors.ingest import issues_of, run_list
from lineage.services.ingest import ingest_document
from lineage.tasks import refresh_snapshot
from platform_ui import jobs
from platform_ui.accounts.scopes import INGEST
from platform_ui.api import ingest_shapes as shapes
from platform_ui.api.cloudevents import MEDIA_TYPES, enclose
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response
from platform_ui.api.parsers import Untouched

CHUNK = 1 << 20


class IngestQuery(Query):
    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        default="api", max_length=128, help_text="Where the records come from."
    )
    environment = serializers.CharField(
        required=False, max_length=128, help_text="The root of an SBOM is deployed here."
    )
    document = serializers.CharField(default="", max_length=512, help_text="A name to find it by.")
    inventory = serializers.BooleanField(
        default=False,
        help_text="The document lists every deployment its source knows: others of it have ended.",
    )


class IngestView(APIView):
    required_scopes = {"POST": INGEST}
    parser_classes = [Untouched]

    @extend_schema(
        summary="Take a document in",
        operation_id="ingest",
        parameters=[IngestQuery],
        request=dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY),
        responses={201: shapes.IngestSummaryShape},
    )
    def post(self, request: Request) -> Response:
        """The body is the document: records, events, CycloneDX or SPDX JSON, plain or gzip.

        A CloudEvent may come in binary mode too: its attributes as `ce-` headers. The format
        is told by its content, whatever its Content-Type. Good records are in even where
        others were rejected; the run lists those. Of a full inventory, ``ended`` counts what
        it ended and ``held`` what it would, where the drop looks like blindness: see
        ``inventories/``. 422: it cannot be read at all. 413: it has too many bytes, packed or
        unpacked.
        """
        values = asked(request, IngestQuery)
        with tempfile.TemporaryFile() as document:
            _copy(request.stream, document)
            if not document.tell():
                raise ValidationError(
                    "The body is empty or states no length; it must be the document."
                )
            enclose(document, request.headers)
            document.seek(0)
            summary = ingest_document(
                document,
                source=values["source"],
                environment=values.get("environment"),
                document=values["document"],
                is_inventory=values["inventory"],
                started_by=request.user.get_username(),
                now=timezone.now(),
            )
        jobs.start(refresh_snapshot)
        return Response(shapes.IngestSummaryShape(summary).data, status=status.HTTP_201_CREATED)


def _copy(body: Any, document: IO[bytes]) -> None:
    """Spool the body to disk: a slow sender must not hold the graph lock."""
    while body is not None and (chunk := body.read(CHUNK)):
        document.write(chunk)
        if document.tell() > settings.INGEST_MAX_BYTES:
            raise DocumentTooLarge(f"The body has more than {settings.INGEST_MAX_BYTES:,} bytes.")


class RunQuery(PageQuery):
    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        default="", max_length=128
    )


class IngestRunsView(APIView):
    @extend_schema(
        summary="Ingest runs",
        operation_id="ingest_runs",
        parameters=[RunQuery],
        responses=page_of(shapes.IngestRunShape),
    )
    def get(self, request: Request) -> Response:
        """Every document taken in, newest first."""
        return page_response(request, run_list(**asked(request, RunQuery)), shapes.IngestRunShape)


class IngestRunView(APIView):
    @extend_schema(
        summary="An ingest run", operation_id="ingest_run", responses=shapes.IngestRunShape
    )
    def get(self, request: Request, pk: int) -> Response:
        """One document taken in."""
        asked(request, Query)
        return Response(shapes.IngestRunShape(_run(pk)).data)


class IssueQuery(PageQuery):
    kind = serializers.ChoiceField(choices=["", *IngestIssue.Kind.values], default="")


class IngestIssuesView(APIView):
    @extend_schema(
        summary="What a run could not take",
        operation_id="ingest_issues",
        parameters=[IssueQuery],
        responses=page_of(shapes.IngestIssueShape),
    )
    def get(self, request: Request, pk: int) -> Response:
        """Rejected and conflicting records, by line."""
        values = asked(request, IssueQuery)
        return page_response(request, issues_of(_run(pk), **values), shapes.IngestIssueShape)


def _run(pk: int) -> IngestRun:
    run = IngestRun.objects.select_related("source").filter(pk=pk).first()
    if run is None:
        raise NotFound("There is no such ingest run.")
    return run
