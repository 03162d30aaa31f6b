"""Forgets what the log of deliveries no longer has to show."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from lifecycle.models import Delivery, Event
from lineage.ingest.known import batches

ENDED = (Delivery.State.DELIVERED, Delivery.State.PARKED, Delivery.State.DROPPED)


def forget_old_deliveries(now: datetime) -> int:
    """Remove deliveries that ended longer ago than the log is kept, and events nobody is sent.

    Notices stay: they are the proof that somebody was told. Returns how many deliveries went.
    """
    before = now - timedelta(days=settings.DELIVERY_LOG_DAYS)
    old = Delivery.objects.filter(state__in=ENDED, finished_at__lt=before).order_by("id")
    gone = 0
    for batch in batches(list(old.values_list("id", flat=True))):
        Delivery.objects.filter(pk__in=batch).delete()
        gone += len(batch)
    unsent = Event.objects.filter(at__lt=before, fanned_out_at__isnull=False).exclude(
        Exists(Delivery.objects.filter(event=OuterRef("pk")))
    )
    for batch in batches(list(unsent.order_by("id").values_list("id", flat=True))):
        Event.objects.filter(pk__in=batch).delete()
    return gone
