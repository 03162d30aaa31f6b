"""Notices: somebody's inbox."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from lifecycle.models import Notice
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


def inbox(
    team_ids: Collection[int],
    *,
    is_operator: bool,
    kind: str = "",
    unread: bool = False,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[Notice]:
    """Delivered notices for the teams, and for operators those addressed to no team."""
    start, stop = bounds(page, size)
    notices = _mine(team_ids, is_operator)
    if kind:
        notices = notices.filter(kind=kind)
    if unread:
        notices = notices.filter(read_at=None)
    rows = notices.select_related("team", "module", "sunset").order_by("-created_at", "-id")
    return Slice(list(rows[start:stop]), notices.count(), max(page, 1), stop - start)


def unread_count(team_ids: Collection[int], *, is_operator: bool) -> int:
    """How many of them nobody has read."""
    return _mine(team_ids, is_operator).filter(read_at=None).count()


def _mine(team_ids: Collection[int], is_operator: bool) -> "QuerySet[Notice]":
    mine = Q(team_id__in=team_ids)
    if is_operator:
        mine |= Q(team=None)
    return Notice.objects.filter(mine, delivered_at__isnull=False)
