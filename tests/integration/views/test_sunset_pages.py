"""A sunset's page on its way: what it says, what may be done, and by whom."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from lifecycle.models import EmergencyStop, Sunset
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import drive_sunsets
from lineage.services.snapshot import refresh
from tests.factories.lifecycle import (
    DAY,
    deployment,
    flagged_platform,
    plan_of,
    sunset_versions,
    take_in,
    version,
)
from tests.pages import open_page

pytestmark = pytest.mark.django_db


def announced(client: Client, *, days: int = 3) -> Sunset:
    """The plan of auth 1.x, confirmed on the page with some grace."""
    flagged_platform()
    plan = plan_of("auth 1.x", now=timezone.now())
    form = {
        "hash": plan.hash,
        "findings": ",".join(map(str, plan.request.finding_ids)),
        "reason": "tidying up",
        "grace_days": str(days),
    }
    assert client.post("/sunsets/plan/", form).status_code == 302
    return Sunset.objects.get()


def in_grace(client: Client) -> Sunset:
    sunset = announced(client)
    deliver_due(timezone.now())
    drive_sunsets(timezone.now() + DAY / 24)
    sunset.refresh_from_db()
    return sunset


def test_a_sunset_with_grace_is_announced_and_nothing_goes_yet(owner: Client) -> None:
    sunset = announced(owner)
    page = open_page(owner, f"/sunsets/{sunset.pk}/")
    assert "Announced: 2 items go once every owner was told." in page.words
    assert "3 d of grace" in page.words
    assert sunset_versions() == []


def test_less_grace_than_the_terms_or_none_that_is_a_number_is_the_terms_own(
    owner: Client,
) -> None:
    sunset = announced(owner, days=0)
    assert sunset.state == "done"


def test_the_page_looks_again_by_itself_until_it_has_arrived(owner: Client) -> None:
    sunset = in_grace(owner)
    address = f"/sunsets/{sunset.pk}/progress/"
    htmx = {"HX-Request": "true"}
    same = owner.get(f"{address}?was=grace", headers=htmx)
    assert 'hx-trigger="every 30s"' in same.content.decode()
    other = owner.get(f"{address}?was=announced", headers=htmx)
    assert other.headers["HX-Refresh"] == "true"
    drive_sunsets(timezone.now() + 4 * DAY)
    done = owner.get(f"{address}?was=done", headers=htmx)
    assert "hx-trigger" not in done.content.decode()
    assert owner.get("/sunsets/99/progress/").status_code == 404


def test_owner_cancels_and_outsider_cannot(owner: Client, outsider: Client) -> None:
    sunset = in_grace(owner)
    assert "Cancel it" not in open_page(outsider, f"/sunsets/{sunset.pk}/").words
    for action in ("cancel", "execute", "restore"):
        outsider.post(f"/sunsets/{sunset.pk}/{action}/", {})
        sunset.refresh_from_db()
        assert sunset.state == "grace", action
    answer = owner.post(f"/sunsets/{sunset.pk}/cancel/", {"reason": "kept"}, follow=True)
    words = re.sub(r"\s+", " ", answer.content.decode())
    assert "Cancelled: nothing went." in words
    assert owner.post("/sunsets/99/cancel/", {}).status_code == 404


def test_only_operators_force_and_only_with_reason_and_name(
    owner: Client, operator: Client
) -> None:
    sunset = in_grace(owner)
    take_in(
        version("late-app", "1.0.0", "auth@^1", owner="late"),
        deployment("late-app/prod", "late-app", "1.0.0"),
    )
    refresh(timezone.now())
    address = f"/sunsets/{sunset.pk}/execute/"
    assert "Force it" not in open_page(owner, f"/sunsets/{sunset.pk}/").words
    assert "Force it" in open_page(operator, f"/sunsets/{sunset.pk}/").words
    for client, form in (
        (owner, {"reason": "CVE", "typed_name": sunset.title}),
        (operator, {"reason": "", "typed_name": sunset.title}),
        (operator, {"reason": "CVE", "typed_name": "auth"}),
    ):
        client.post(address, form)
        assert sunset_versions() == []
    operator.post(address, {"reason": "CVE", "typed_name": sunset.title})
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    assert "Forced: CVE" in open_page(operator, f"/sunsets/{sunset.pk}/").words


def test_the_emergency_stop_is_on_every_page_and_only_operators_pull_it(
    owner: Client, operator: Client
) -> None:
    sunset = in_grace(owner)
    owner.post("/sunsets/stop/", {"reason": "no"})
    assert not EmergencyStop.objects.exists()
    operator.post("/sunsets/stop/", {"reason": "source lies"})
    assert "Every sunset is stopped by olga" in open_page(owner, "/").words
    drive_sunsets(timezone.now() + 4 * DAY)
    sunset.refresh_from_db()
    assert sunset.state == "grace"
    operator.post("/sunsets/stop/", {"reason": "mended", "end": "1"})
    assert "Every sunset is stopped" not in open_page(owner, "/").words
    drive_sunsets(timezone.now() + 4 * DAY)
    sunset.refresh_from_db()
    assert sunset.state == "done"


def test_items_are_shown_by_their_state(owner: Client) -> None:
    sunset = announced(owner, days=0)
    gone = open_page(owner, f"/sunsets/{sunset.pk}/?items=done")
    assert "auth 1.1.0" in gone.words
    failed = open_page(owner, f"/sunsets/{sunset.pk}/?items=failed")
    assert "No item is in this state." in failed.words
