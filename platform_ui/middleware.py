"""Headers and errors that concern every page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

# The two style elements Plotly makes: an empty one that it fills by script, and that of its
# maps. They change with Plotly; the browser tests find a page that breaks this policy.
PLOTLY_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='"
)
POLICY = (
    f"default-src 'self'; style-src 'self' {PLOTLY_STYLES}; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicyMiddleware:
    """Allow what this server serves and nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class NoNulMiddleware:
    """No address holds a NUL: no database stores one, and PostgreSQL fails when asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404("An address holds no NUL.")
        return self.get_response(request)
