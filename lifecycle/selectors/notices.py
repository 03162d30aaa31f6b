"""Notices: somebody's inbox."""

from collections.abc import Collection

from django.db.models import Count, Max, Q, QuerySet

from lifecycle.models import Notice
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


def inbox(
    team_ids: Collection[int],
    *,
    is_operator: bool,
    user_id: int | None = None,
    kind: str = "",
    unread: bool = False,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Slice[Notice]:
    """Delivered notices for the teams and the person, for operators those to nobody else."""
    start, stop = bounds(page, size)
    notices = _mine(team_ids, is_operator, user_id)
    if kind:
        notices = notices.filter(kind=kind)
    if unread:
        notices = notices.filter(read_at=None)
    rows = notices.select_related("team", "module", "sunset").order_by("-created_at", "-id")
    return Slice(list(rows[start:stop]), notices.count(), max(page, 1), stop - start)


def unread_count(
    team_ids: Collection[int], *, is_operator: bool, user_id: int | None = None
) -> int:
    """How many of them nobody has read."""
    return _mine(team_ids, is_operator, user_id).filter(read_at=None).count()


def arrived_since(
    after: int, team_ids: Collection[int], *, is_operator: bool, user_id: int | None = None
) -> tuple[int, int]:
    """How many of them were written after the notice of that id, and the newest's own."""
    found = _mine(team_ids, is_operator, user_id).filter(pk__gt=after)
    counts = found.aggregate(number=Count("pk"), last=Max("pk"))
    return counts["number"], counts["last"] or after


def _mine(team_ids: Collection[int], is_operator: bool, user_id: int | None) -> "QuerySet[Notice]":
    return Notice.objects.filter(
        addressed_to(team_ids, is_operator=is_operator, user_id=user_id), delivered_at__isnull=False
    )


def addressed_to(team_ids: Collection[int], *, is_operator: bool, user_id: int | None = None) -> Q:
    """The notices that are somebody's own."""
    mine = Q(team_id__in=team_ids)
    if is_operator:
        mine |= Q(team=None, user=None)
    if user_id is not None:
        mine |= Q(user_id=user_id)
    return mine
