"""A broker that is down delays what follows a sunset and undoes nothing."""

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from lifecycle.models import Notice
from lifecycle.tasks import deliver_notices
from platform_ui.celery import app
from tests.factories.lifecycle import flagged_platform, plan_of, sunset_versions
from tests.pages import Page, open_page, press

pytestmark = pytest.mark.django_db


def test_confirmation_and_restore_hold_without_a_broker_and_notices_wait(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OperationalError("connection refused")

    flagged_platform()
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    monkeypatch.setattr(app.amqp, "send_task_message", refuse)
    plan = open_page(owner, f"/sunsets/plan/?findings={plan_of('auth 1.x').request.finding_ids[0]}")
    done = Page(press(owner, plan, "Sunset 2 items"))
    assert "auth 1.x is sunset." in done.words
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    back = Page(press(owner, done, "Restore everything auth 1.x"))
    assert "auth 1.x is back, every item as it was." in back.words
    assert Notice.objects.filter(delivered_at=None).count() == 2
    assert deliver_notices() == 2
