"""Turns every exception an API view raises into ``{code, detail, fields}``."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from lifecycle.exceptions import Blocked, InvalidPolicy, LifecycleError, LooserPolicy, PlanChanged
from lifecycle.services.preferences import InvalidPreference
from lifecycle.services.webhooks import InvalidWebhook
from lineage.exceptions import (
    BadWindow,
    DocumentTooLarge,
    LineageError,
    NoSuchDependency,
    NotHeld,
    NotPast,
    NotYet,
    UnknownDeployment,
    UnknownInventory,
    UnknownLine,
    UnknownModule,
    UnknownSource,
    UnknownVersion,
    UnreadableDocument,
)
from lineage.versioning import VersioningError
from platform_ui.accounts.exceptions import AccountError

DOMAIN_ERRORS = (LineageError, LifecycleError, AccountError, VersioningError)
STATUSES: dict[type[Exception], int] = {
    UnknownInventory: 404,
    UnknownSource: 404,
    NotHeld: 409,
    NoSuchDependency: 404,
    UnknownDeployment: 404,
    UnknownLine: 404,
    UnknownModule: 404,
    UnknownVersion: 404,
    NotYet: 404,
    DocumentTooLarge: 413,
    UnreadableDocument: 422,
}


def status_of(error: Exception) -> int:
    """The HTTP status of a domain error: its own ``status``, else the nearest of its kind, 400."""
    own = getattr(error, "status", None)
    if isinstance(own, int):
        return own
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 400)


def _plain(detail: Any) -> Any:
    """Nested error details as plain strings and lists."""
    if isinstance(detail, dict):
        return {str(name): _plain(value) for name, value in detail.items()}
    if isinstance(detail, list):
        return [_plain(item) for item in detail]
    return str(detail)


def _body(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        plain = _plain(error.detail)
        if isinstance(plain, dict):
            return {"code": "invalid", "detail": "Some fields are not valid.", "fields": plain}
        words = " ".join(str(item) for item in plain)
        return {"code": "invalid", "detail": words, "fields": {}}
    code = getattr(error.detail, "code", None) or error.default_code
    return {"code": code, "detail": str(error.detail), "fields": {}}


def _fields(error: Exception) -> dict[str, list[str]]:
    match error:
        case Blocked() | PlanChanged():
            return {"blockers": error.blockers}
        case LooserPolicy():
            return {error.field: [error.reason]}
        case InvalidPreference() | InvalidWebhook():
            return {error.field: [str(error)]}
        case InvalidPolicy():
            return error.fields
        case VersioningError():
            return {error.what: [str(error)]}
        case BadWindow():
            return {"from": [str(error)]}
        case NotPast():
            return {"as_of": [str(error)]}
        case _:
            return {}


class TooLarge(exceptions.APIException):
    """The body is larger than what is read into memory."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The body is too large."


def _translated(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return error


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None leaves an unforeseen error to the server's 500."""
    if isinstance(error, DOMAIN_ERRORS):
        code = getattr(error, "code", "invalid")
        body = {"code": code, "detail": str(error), "fields": _fields(error)}
        return Response(body, status=status_of(error))
    known = _translated(error)
    response = exception_handler(known, context)
    if response is not None and isinstance(known, exceptions.APIException):
        response.data = _body(known)
    return response
