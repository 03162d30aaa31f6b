"""The pipeline's gate over the API: a manifest or an SBOM in, pass, warn or fail out."""

import tempfile
from typing import IO, Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.gate import KINDS, Stricter
from lifecycle.selectors.gate import gate
from lineage.exceptions import DocumentTooLarge
from lineage.ingest.manifest import MOST_BYTES, read_manifest
from lineage.services.ingest import limits
from platform_ui.accounts.scopes import READ
from platform_ui.api.check_shapes import CheckShape
from platform_ui.api.pages import Query, asked
from platform_ui.api.parsers import Untouched

CHUNK = 1 << 20
MOST = 1_000_000
MEDIA_TYPES = (
    "application/json",
    "application/x-ndjson",
    "application/vnd.cyclonedx+json",
    "application/spdx+json",
    "application/gzip",
    "application/octet-stream",
)


class KindsField(serializers.CharField):
    """Kinds, separated by commas."""

    def __init__(self, words: str) -> None:
        super().__init__(
            default="", max_length=200, help_text=f"{words}, of {', '.join(KINDS)}; by commas."
        )

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        kinds = tuple(word.strip() for word in text.split(",") if word.strip())
        if wrong := [kind for kind in kinds if kind not in KINDS]:
            raise serializers.ValidationError(f"There is no {wrong[0]}.")
        return kinds


class CheckQuery(Query):
    fail = KindsField("What fails too")  # type: ignore[assignment] # DRF takes fields off
    warn = KindsField("What is warned of too")
    dying_days = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST, help_text="What dies within them fails."
    )
    max_majors = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST, help_text="More are too far behind."
    )
    max_days = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST, help_text="More are too far behind."
    )


class CheckView(APIView):
    required_scopes = {"POST": READ}
    parser_classes = [Untouched]

    @extend_schema(
        summary="May this be used",
        operation_id="check",
        parameters=[CheckQuery],
        request=dict.fromkeys(MEDIA_TYPES, OpenApiTypes.BINARY),
        responses=CheckShape,
    )
    def post(self, request: Request) -> Response:
        """Pass, warn or fail, with the reasons and the smallest fixes.

        The body is `{"requirements": [{"module": …, "range": …}], "purls": […]}`, a version
        record or several, a CycloneDX or an SPDX document; plain or gzip, told by content.
        The parameters make the installation's policy stricter for this request; one that
        would make it looser is refused. Nothing of the body is kept.
        """
        values = asked(request, CheckQuery)
        asks = Stricter(**{name: value for name, value in values.items() if value != ""})
        with tempfile.TemporaryFile() as body:
            _copy(request.stream, body)
            body.seek(0)
            manifest = read_manifest(body, limits=limits())
        return Response(CheckShape(gate(manifest, now=timezone.now(), asks=asks)).data)


def _copy(body: Any, into: IO[bytes]) -> None:
    while body is not None and (chunk := body.read(CHUNK)):
        into.write(chunk)
        if into.tell() > MOST_BYTES:
            raise DocumentTooLarge(f"The body has more than {MOST_BYTES:,} bytes.")
