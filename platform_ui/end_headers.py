"""What is to come of a version, in the headers of whatever shows it."""

from django.urls import reverse
from django.utils.http import http_date

from lineage.models import Version


def end_headers(version: Version) -> dict[str, str]:
    """Deprecation (RFC 9745) and Sunset (RFC 8594) of a version, as far as they are known.

    Where there is one of them, Link leads to the page that says more.
    """
    headers: dict[str, str] = {}
    deprecation = version.deprecation
    sunset_at = version.sunset_at or (deprecation.sunset_at if deprecation else None)
    since = deprecation.since if deprecation else version.sunset_at
    if sunset_at is not None:
        headers["Sunset"] = http_date(sunset_at.timestamp())
    if since is not None:
        # A sunset must not be said to come before the deprecation.
        instants = [at for at in (since, sunset_at) if at is not None]
        headers["Deprecation"] = f"@{int(min(instants).timestamp())}"
    if headers:
        module = version.module
        url = reverse("version", args=[module.ecosystem, module.name, version.version])
        relations = " ".join(name.lower() for name in ("Deprecation", "Sunset") if name in headers)
        headers["Link"] = f'<{url}>; rel="{relations}"'
    return headers
