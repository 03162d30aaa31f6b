"""Answers that a reader can ask for again at the price of a header."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, quote_etag

from lineage.models import Epoch
from lineage.selectors.view import current_view


def graph_changed_at(now: datetime) -> datetime:
    """When what is known of the graph last changed, for readers of the newest snapshot."""
    built_at = current_view(now).snapshot.built_at
    changed_at = Epoch.objects.values_list("changed_at", flat=True).first()
    return max(built_at, changed_at) if changed_at else built_at


def validated(
    request: HttpRequest, body: bytes, content_type: str, instants: Iterable[datetime]
) -> HttpResponse:
    """The body with ETag and Last-Modified, or 304 where the reader has it already.

    ``instants`` are those at which the body may have changed last; it is private to
    whoever asked and asked for again each time.
    """
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    modified = int(max(instants).timestamp())
    response = HttpResponse(body, content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return get_conditional_response(request, etag, modified, response) or response
