"""A source that is blind freezes what it vouches for; nothing is flagged on what it leaves out."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from lifecycle.models import Finding, Notice
from lifecycle.selectors.freezing import Freezing
from lifecycle.services.sweep import sweep
from lineage.models import Deployment, Inventory, JobRun
from tests.factories.lifecycle import (
    DAY,
    NOW,
    ago,
    deployment,
    finding,
    open_subjects,
    take_in,
    version,
)
from tests.factories.people import api_client, person
from tests.factories.platform import lines_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SPOKE = {"type": "source", "name": "pipeline", "cadence": "PT1H"}


def test_five_thousand_deployments_that_become_forty_cause_no_finding_until_accepted() -> None:
    client = api_client(person("olga", is_staff=True), "read", "ingest", "admin")
    now = timezone.now()
    start = (now - 100 * DAY).isoformat()

    def running(number: int, **stated: Any) -> dict[str, Any]:
        # The first forty run what needs auth 2.x, the others what needs auth 1.x.
        return {
            "type": "deployment", "id": f"app/{number}", "module": "app", "environment": "prod",
            "version": "2.0.0" if number < 40 else "1.0.0", "started_at": start, **stated,
        }  # fmt: skip

    def stated(module: str, number: str, *needs: str) -> dict[str, Any]:
        return version(module, number, *needs, published_at=(now - 200 * DAY).isoformat())

    def send(*records: dict[str, Any]) -> None:
        path = f"/api/v1/ingest/?{urlencode({'source': 'fleet'})}"
        body = lines_of([{"type": "inventory"}, *records])
        response = client.generic("POST", path, body, content_type="application/x-ndjson")
        assert response.status_code == 201, response.content

    modules = [
        stated("auth", "1.0.0"),
        stated("auth", "2.0.0"),
        stated("app", "1.0.0", "auth@^1"),
        stated("app", "2.0.0", "auth@^2"),
    ]
    # One of the forty expires once the source is blind already.
    expiring = running(0, ttl="P101D")
    send(*modules, expiring, *(running(number) for number in range(1, 5_000)))
    assert sweep(now).opened == 0

    send(expiring, *(running(number) for number in range(1, 40)))
    for later in (now, now + DAY, now + 2 * DAY, now + 60 * DAY):
        sweep(later)
        assert not Finding.objects.exists()
        assert not Notice.objects.filter(kind=Notice.Kind.FINDINGS).exists()
    assert JobRun.objects.latest("id").detail["withheld"] == 1
    assert Deployment.objects.live().count() == 5_000

    held = Inventory.objects.get(state=Inventory.State.HELD)
    path = f"/api/v1/inventories/{held.pk}/accept/"
    assert client.post(path, {"reason": "cluster closed"}, format="json").status_code == 200
    assert Deployment.objects.live().count() == 40
    sweep(now + DAY)
    assert open_subjects() == ["app/0"]  # the lines wait their full time from the end of their use
    sweep(now + 60 * DAY)
    assert open_subjects() == ["app 1.x", "app/0", "auth 1.x"]


def flagged(**cadence: Any) -> None:
    """auth 1.x unused, a preview expired, told by a source that should speak every hour."""
    take_in(
        SPOKE,
        *(version("auth", number, owner="identity") for number in ("1.0.0", "2.0.0")),
        version("tv-home", "1.0.0", "auth@^2", owner="tv"),
        deployment("tv-home/prod", "tv-home", "1.0.0"),
        deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P7D"),
    )


def test_findings_that_stand_are_frozen_by_name_and_freed_when_the_source_speaks_again() -> None:
    flagged()
    sweep(NOW)
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]
    sweep(NOW + 3 * HOUR)
    for found in Finding.objects.all():
        assert found.frozen_at == NOW + 3 * HOUR
        assert found.frozen_because == "source pipeline has said nothing since 1 Sep 2024 12:00"
        assert [one["state"] for one in found.freshness] == ["quiet"]
    sweep(NOW + 4 * HOUR)
    assert {found.frozen_at for found in Finding.objects.all()} == {NOW + 3 * HOUR}
    take_in(SPOKE, now=NOW + 5 * HOUR)
    sweep(NOW + 5 * HOUR)
    for found in Finding.objects.all():
        assert (found.frozen_at, found.frozen_because, found.closed_at) == (None, "", None)
        assert found.freshness == [
            {"source": "pipeline", "state": "fresh", "last_seen_at": (NOW + 5 * HOUR).isoformat()}
        ]


def test_quiet_source_opens_nothing_that_could_be_sunset_but_still_advises() -> None:
    flagged()
    take_in({"type": "deprecation", "module": "auth", "range": "2.x", "sunset_at": ago(-30)})
    summary = sweep(NOW + 3 * HOUR)
    assert (summary.withheld, open_subjects()) == (2, ["auth 2.x"])
    assert finding("auth 2.x").frozen_because


def test_source_that_says_no_cadence_freezes_nothing() -> None:
    take_in(*(version("auth", number) for number in ("1.0.0", "2.0.0")))
    take_in(version("app", "1.0.0"), deployment("app/prod", "app", "1.0.0"))
    sweep(NOW + 300 * DAY)
    (found,) = Finding.objects.filter(rule="unused-range")
    assert found.frozen_at is None
    assert [one["state"] for one in found.freshness] == ["unknown"]


def test_source_freezes_what_it_vouches_for_and_nothing_else() -> None:
    flagged()
    other = [version("left-pad", number, ecosystem="npm") for number in ("1.0.0", "2.0.0")]
    take_in(*other, deployment("npm-app/prod", "npm-app", "1.0.0", ecosystem="npm"), source="npm")
    sweep(NOW)
    sweep(NOW + 3 * HOUR)
    assert frozen_at_all() == {"auth 1.x", "tv-home/preview"}
    assert "left-pad 1.x" in open_subjects()


def test_further_witness_that_is_quiet_freezes_the_deployment_too() -> None:
    preview = deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P7D")
    take_in(version("tv-home", "1.0.0"), preview, source="ci")
    take_in({**SPOKE, "name": "cluster"}, preview, source="cluster")
    sweep(NOW)
    sweep(NOW + 3 * HOUR)
    assert "tv-home/preview" in frozen_at_all()


def test_who_reports_use_freezes_idle_findings_of_what_it_reported() -> None:
    take_in(
        version("app", "1.0.0"),
        deployment("app/test", "app", "1.0.0"),
        deployment("app/dev", "app", "1.0.0"),
    )
    used = {"type": "usage", "deployment": "app/test", "last_used_at": ago(60)}
    take_in({**SPOKE, "name": "gateway"}, used, source="gateway")
    sweep(NOW)
    assert open_subjects() == ["app/test"]  # nobody would say whether app/dev is used
    sweep(NOW + 3 * HOUR)
    assert frozen_at_all() == {"app/test"}


def test_plan_asks_the_same_of_findings_at_its_own_moment() -> None:
    flagged()
    sweep(NOW)
    found = list(Finding.objects.select_related("module"))
    assert Freezing(NOW).because_of(found) == {}
    frozen = Freezing(NOW + 3 * HOUR).because_of(found)
    assert set(frozen) == {one.pk for one in found}


def frozen_at_all() -> set[str]:
    return {one.label for one in Finding.objects.filter(frozen_at__isnull=False)}
