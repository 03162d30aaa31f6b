"""What the API's schema says beyond the views themselves."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from platform_ui.accounts.authentication import TokenAuthentication


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells the API's schema about bearer tokens."""

    target_class = TokenAuthentication
    name = "bearerToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


# The greatest small, plain and big integer of a database.
DATABASE_BOUNDS = frozenset({2**15 - 1, 2**31 - 1, 2**63 - 1})
ERROR = {
    "type": "object",
    "description": "Why nothing was done, in words and as a code; fields names what was wrong.",
    "required": ["code", "detail", "fields"],
    "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {}},
    },
}


def say_errors(result: dict[str, Any], **about: object) -> dict[str, Any]:
    """Add to every operation how it answers when it fails."""
    result["components"]["schemas"]["Error"] = ERROR
    reference = {"$ref": "#/components/schemas/Error"}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = {
                "description": "An error.",
                "content": {"application/json": {"schema": dict(reference)}},
            }
    return result


def forget_databases(result: dict[str, Any], **about: object) -> dict[str, Any]:
    """Drop the bounds of integers that are those of the database underneath, not the API's."""
    _forget(result["components"]["schemas"])
    return result


def _forget(part: Any) -> None:
    if isinstance(part, dict):
        if part.get("type") == "integer" and part.get("maximum") in DATABASE_BOUNDS:
            del part["maximum"]
            part.pop("format", None)
        for inner in part.values():
            _forget(inner)
    elif isinstance(part, list):
        for inner in part:
            _forget(inner)


class SchemaView(SpectacularAPIView):
    """The OpenAPI document; public, since it says what can be asked, never what is answered."""

    permission_classes = [AllowAny]
    authentication_classes = []
