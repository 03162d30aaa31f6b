"""Files that are streamed as they are read."""

from django.http import StreamingHttpResponse

from lifecycle.selectors.audit import AuditFilter, audit_stream
from lifecycle.selectors.audit_export import as_csv, as_ndjson

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
WRITERS = {"csv": as_csv, "ndjson": as_ndjson}


def audit_file(filter: AuditFilter, kind: str) -> StreamingHttpResponse:
    """The entries a filter lets through as a file; kind is csv or ndjson."""
    lines = WRITERS[kind](audit_stream(filter))
    response = StreamingHttpResponse(lines, content_type=MEDIA_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    return response
