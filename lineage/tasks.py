"""Celery tasks of the lineage side."""

from celery import shared_task
from django.utils import timezone

from lineage.services.snapshot import refresh


@shared_task(acks_late=True, soft_time_limit=600, time_limit=660)
def refresh_snapshot() -> int:
    """Bring the snapshot up to the newest epoch; returns that epoch."""
    return refresh(timezone.now()).epoch
