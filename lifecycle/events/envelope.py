"""Events as CloudEvents 1.0, structured JSON (pure)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SPEC_VERSION = "1.0"
TYPE_PREFIX = "sundial."
CONTENT_TYPE = "application/cloudevents+json"


def envelope(
    kind: str,
    *,
    id: str,
    source: str,
    at: datetime,
    subject: str,
    data: Mapping[str, Any],
    schema: str = "",
) -> dict[str, Any]:
    """A CloudEvent; ``id`` is unique within ``source``, and the same however often it is sent."""
    found: dict[str, Any] = {
        "specversion": SPEC_VERSION,
        "id": id,
        "source": source,
        "type": f"{TYPE_PREFIX}{kind}",
        "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    if subject:
        found["subject"] = subject
    if schema:
        found["dataschema"] = schema
    return found
