"""The doors of the feeds."""

from django.http import Http404, HttpRequest, HttpResponse

from lifecycle.selectors.badges import BADGES, badge_of
from lineage.models import Source
from platform_ui.feeds import badges
from platform_ui.feeds.readers import Reader, for_readers
from platform_ui.feeds.validated import graph_changed_at, validated


@for_readers
def badge(
    request: HttpRequest, reader: Reader, /, ecosystem: str, name: str, kind: str
) -> HttpResponse:
    """What a badge says of a module, as SVG."""
    module = reader.module(ecosystem, name)
    if kind not in BADGES:
        raise Http404(f"There is no badge {kind}; there are {', '.join(BADGES)}.")
    body = badges.svg_of(badge_of(module, kind, now=reader.now), is_simulated=is_simulated())
    today = reader.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return validated(request, body, badges.CONTENT_TYPE, [graph_changed_at(reader.now), today])


def is_simulated() -> bool:
    """Whether some of the data was simulated: a feed then says so."""
    return Source.objects.filter(is_simulated=True).exists()
