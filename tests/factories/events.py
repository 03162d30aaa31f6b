"""CDEvents for a test, bare or in the envelope of a CloudEvent."""

from typing import Any

AT = "2026-03-01T10:00:00Z"


def event(
    subject: str,
    predicate: str,
    id: str,
    content: dict[str, Any],
    *,
    at: str = AT,
    type: str | None = None,
) -> dict[str, Any]:
    """A CDEvent of release 0.5.1."""
    return {
        "context": {
            "specversion": "0.5.1",
            "id": f"{subject}-{predicate}-{at}",
            "source": "/pipeline/1",
            "type": type or f"dev.cdevents.{subject}.{predicate}.0.3.0",
            "timestamp": at,
        },
        "subject": {"id": id, "content": content},
    }


def cloud(data: dict[str, Any], *, type: str | None = None) -> dict[str, Any]:
    """A CloudEvent in structured mode that carries the data."""
    context = data.get("context", {})
    return {
        "specversion": "1.0",
        "id": context.get("id", "1"),
        "source": context.get("source", "/test"),
        "type": type or context["type"],
        "datacontenttype": "application/json",
        "data": data,
    }
