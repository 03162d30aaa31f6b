"""Error pages, as JSON where the API was asked."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

API_PREFIX = "/api/"


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if request.path.startswith(API_PREFIX):
        return JsonResponse({"code": code, "detail": detail, "fields": {}}, status=status)
    return render(request, f"{status}.html", status=status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the person may not."""
    return _answer(request, 403, "permission_denied", "You may not see or do this.")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such address or thing."""
    return _answer(request, 404, "not_found", "There is nothing at this address.")


def failed(request: HttpRequest) -> HttpResponse:
    """500: drawn without the frame, because what failed may be what the frame needs."""
    if request.path.startswith(API_PREFIX):
        return _answer(request, 500, "server_error", "This failed on our side. Nothing was kept.")
    return render(None, "500.html", status=500)
