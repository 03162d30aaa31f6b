"""The log of deliveries is kept for a while, notices for good."""

import pytest
from django.conf import Settings

from lifecycle.models import Delivery, Event, Notice
from lifecycle.services.delivery_log import forget_old_deliveries
from tests.factories.lifecycle import DAY, NOW
from tests.factories.messages import hook, notice, reader, spread

pytestmark = pytest.mark.django_db


def test_what_ended_long_ago_goes_and_what_waits_or_is_proof_stays(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    settings.DELIVERY_LOG_DAYS = 30
    reader("ana", "tv")
    hook("https://a.example")
    notice("tv", "told", "a")
    for key in ("old", "waiting"):
        Event.objects.create(kind="source.quiet", key=key, title=key, at=NOW)
    spread()
    Delivery.objects.exclude(event__key="waiting").update(state="delivered", finished_at=NOW)
    assert forget_old_deliveries(NOW + 30 * DAY) == 0
    assert forget_old_deliveries(NOW + 31 * DAY) == 2
    assert [row.event.key for row in Delivery.objects.all()] == ["waiting"]
    assert [row.key for row in Event.objects.all()] == ["waiting"]
    assert Notice.objects.get().title == "told"


def test_event_that_nobody_took_over_yet_stays() -> None:
    Event.objects.create(kind="source.quiet", key="new", title="new", at=NOW)
    forget_old_deliveries(NOW + 1_000 * DAY)
    assert Event.objects.exists()
