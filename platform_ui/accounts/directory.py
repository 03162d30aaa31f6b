"""The directory of people that lifecycle asks, and the addresses its messages link to."""

from collections import defaultdict
from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from lineage.ingest.known import batches
from platform_ui.accounts.models import Membership

ROUTES = {
    "site": "overview",
    "inbox": "notices",
    "preferences": "preferences",
    "catalogue": "api_event_catalogue",
    "unsubscribe": "unsubscribe",
}


class AccountDirectory:
    """Memberships and users as ``lifecycle.directory.Directory`` wants them."""

    def members(self, team_ids: Collection[int]) -> dict[int, frozenset[int]]:
        """Team id -> ids of its active members."""
        found: dict[int, set[int]] = defaultdict(set)
        for batch in batches(sorted(team_ids)):
            rows = Membership.objects.filter(team_id__in=batch, user__is_active=True).order_by()
            for team_id, user_id in rows.values_list("team_id", "user_id"):
                found[team_id].add(user_id)
        return {team_id: frozenset(users) for team_id, users in found.items()}

    def operators(self) -> frozenset[int]:
        """Ids of the active operators."""
        rows = User.objects.filter(is_staff=True, is_active=True)
        return frozenset(rows.values_list("id", flat=True))

    def emails(self, user_ids: Collection[int]) -> dict[int, str]:
        """User id -> address, of the active who have one."""
        found: dict[int, str] = {}
        for batch in batches(sorted(user_ids)):
            rows = User.objects.filter(id__in=batch, is_active=True).exclude(email="")
            found.update(rows.order_by().values_list("id", "email"))
        return found

    def address(self, page: str, *args: object) -> str:
        """The full URL of a page; raises KeyError for one it does not know."""
        return settings.SITE_URL.rstrip("/") + reverse(ROUTES[page], args=args)
