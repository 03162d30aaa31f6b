"""Context that every page needs."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from lifecycle.models import EmergencyStop
from lifecycle.permissions import Actor
from lifecycle.selectors.notices import unread_count
from lifecycle.selectors.stops import current_stop
from lineage.models import Epoch, Source
from lineage.selectors.freshness import Freshness, freshness
from platform_ui.accounts.actors import actor_of
from platform_ui.navigation import Link, rail, route_url

THEMES = ("light", "dark")


class Frame:
    """What base.html shows around a page; asked of the database only when shown."""

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        self._request = request
        self._now = now

    @cached_property
    def navigation(self) -> list[list[Link]]:
        match = self._request.resolver_match
        current = match.url_name or "" if match else ""
        return rail(current, is_operator=self.actor.is_operator)

    @cached_property
    def actor(self) -> Actor:
        """Who looks at the page."""
        return actor_of(self._request)

    @property
    def theme(self) -> str:
        """The chosen theme; empty follows the system."""
        chosen = self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def is_rail_folded(self) -> bool:
        return self._request.COOKIES.get("rail") == "folded"

    @cached_property
    def is_simulated(self) -> bool:
        if self.fresh is not None:
            return self.fresh.is_simulated
        return Source.objects.filter(is_simulated=True).exists()

    @cached_property
    def epoch(self) -> int | None:
        if self.fresh is not None:
            return self.fresh.epoch
        return Epoch.objects.values_list("number", flat=True).first()

    @cached_property
    def fresh(self) -> Freshness | None:
        """How old the data is; None for a stranger, who is told nothing."""
        return freshness(self._now) if self._request.user.is_authenticated else None

    @cached_property
    def stop(self) -> EmergencyStop | None:
        """The emergency stop that is on; a stranger is told nothing."""
        return current_stop() if self._request.user.is_authenticated else None

    @cached_property
    def unread(self) -> int:
        return unread_count(
            self.actor.team_ids, is_operator=self.actor.is_operator, user_id=self.actor.user_id
        )

    @property
    def search_url(self) -> str:
        return route_url("modules")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame, and the instant this page is made at; a view's own ``now`` wins."""
    now = timezone.now()
    return {"frame": Frame(request, now), "now": now}
