"""What a message says: a digest of notices for people, a CloudEvent for webhooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lifecycle.directory import directory
from lifecycle.events import envelope
from lifecycle.models import Delivery, DeliveryItem, Event, Notice
from lifecycle.notice_kinds import urgency_of
from lifecycle.services.unsubscribing import unsubscribe_token
from lifecycle.services.watchers import Mutes
from lineage.ingest.known import batches

LISTED_AT_MOST = 5_000  # items of one digest; what lies beyond is linked to and not claimed


def compose(delivery: Delivery, now: datetime) -> bool:
    """Fix what a claimed delivery says; False where nothing is left to say.

    Call inside a transaction. What is composed once stays: every attempt says the same.
    """
    if delivery.event is not None:
        payload = cloud_event(delivery.event)
        title = delivery.event.title
    else:
        payload = _digest(delivery)
        title = payload["title"]
        if not payload["total"]:
            return False
    delivery.payload, delivery.title, delivery.composed_at = payload, title[:300], now
    delivery.save(update_fields=["payload", "title", "composed_at"])
    return True


def cloud_event(event: Event) -> dict[str, Any]:
    """The event as webhooks get it."""
    pages = directory()
    return envelope(
        event.kind,
        id=event.key,
        source=pages.address("site"),
        at=event.at,
        subject=event.module.purl if event.module else "",
        data=event.data,
        schema=f"{pages.address('catalogue')}#{event.kind}",
    )


def _digest(delivery: Delivery) -> dict[str, Any]:
    """Everything of the delivery's notices that still concerns its recipient, urgent first."""
    ids = (
        DeliveryItem.objects.filter(delivery=delivery)
        .order_by("notice_id")
        .values_list("notice_id", flat=True)
    )
    rows: list[Notice] = []
    for batch in batches(ids):
        rows += Notice.objects.filter(pk__in=batch).order_by("id")
    notices = _still_concerning(rows, delivery)
    notices.sort(key=lambda notice: -urgency_of(notice.kind))
    groups, total = _groups(notices, delivery)
    listed = sum(len(group["items"]) for group in groups)
    pages = directory()
    return {
        "title": _title(groups, total, listed),
        "groups": groups,
        "total": total,
        "listed": listed,
        "inbox_url": pages.address("inbox"),
        "preferences_url": pages.address("preferences"),
        "unsubscribe_url": pages.address(
            "unsubscribe", unsubscribe_token(delivery.recipient, delivery.channel)
        ),
    }


def _still_concerning(notices: Sequence[Notice], delivery: Delivery) -> list[Notice]:
    """Those that are still the recipient's to read: people leave teams."""
    if delivery.user_id is None:
        return [notice for notice in notices if notice.team_id == delivery.team_id]
    user_id, people = delivery.user_id, directory()
    members = people.members({notice.team_id for notice in notices if notice.team_id})
    is_operator = user_id in people.operators()

    def concerns(notice: Notice) -> bool:
        if notice.user_id is not None:
            return notice.user_id == user_id
        if notice.team_id is None:
            return is_operator
        return user_id in members.get(notice.team_id, ())

    return [notice for notice in notices if concerns(notice)]


def _groups(notices: Sequence[Notice], delivery: Delivery) -> tuple[list[dict[str, Any]], int]:
    mutes = Mutes(delivery.user_id) if delivery.user_id is not None else None
    groups: list[dict[str, Any]] = []
    total, left = 0, LISTED_AT_MOST
    for notice in notices:
        # A notice without items is its own one item.
        items = notice.items or [{"label": notice.title, "detail": notice.body}]
        if mutes:
            items = mutes.kept(notice.kind, items)
        if not items:
            continue
        total += len(items)
        said = [{"label": i["label"], "detail": i.get("detail", "")} for i in items[:left]]
        left -= len(said)
        groups.append(
            {
                "title": notice.title,
                "body": notice.body if notice.items else "",
                "kind": notice.kind,
                "items": said,
                "left_out": len(items) - len(said),
            }
        )
    return groups, total


def _title(groups: Sequence[dict[str, Any]], total: int, listed: int) -> str:
    if len(groups) == 1:
        return str(groups[0]["title"])
    if listed < total:
        return f"Sundial: {listed:,} of {total:,} things, the rest is linked"
    return f"Sundial: {total:,} things in {len(groups):,} notices"
