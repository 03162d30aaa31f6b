"""CloudEvents over HTTP in binary mode: attributes in headers, data as the body."""

from collections.abc import Mapping
from typing import IO
from urllib.parse import unquote

import msgspec
from django.conf import settings
from rest_framework.exceptions import ValidationError

from lineage.exceptions import DocumentTooLarge

MARK = "ce-specversion"
ATTRIBUTES = ("specversion", "id", "source", "type", "time")
# What the ingest door reads; the content tells which it is, whatever the request calls it.
MEDIA_TYPES = (
    "application/octet-stream",
    "application/x-ndjson",
    "application/json",
    "application/gzip",
    "application/vnd.cyclonedx+json",
    "application/spdx+json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
)


def enclose(document: IO[bytes], headers: Mapping[str, str]) -> None:
    """Turn the body of a binary event into the same event in structured mode.

    Leaves every other document as it is. Raises ValidationError where the body is no
    JSON, DocumentTooLarge where it is longer than one record may be.
    """
    if MARK not in headers:
        return
    size = document.tell()
    if size > settings.INGEST_MAX_LINE_BYTES:
        limit = settings.INGEST_MAX_LINE_BYTES
        raise DocumentTooLarge(f"The event has more than {limit:,} bytes.")
    document.seek(0)
    try:
        data = msgspec.json.decode(document.read(), type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValidationError(
            "The headers announce a CloudEvent, but its data is no JSON."
        ) from error
    event: dict[str, object] = {
        name: unquote(headers[f"ce-{name}"]) for name in ATTRIBUTES if f"ce-{name}" in headers
    }
    document.seek(0)
    document.truncate()
    document.write(msgspec.json.encode({**event, "data": data}))
