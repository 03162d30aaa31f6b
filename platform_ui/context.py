"""Context that every page needs."""

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """What base.html shows around every page."""
    return {}
