"""One key names a series of deployments: when each ended, how it was used, when it expires."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from django.db import transaction

from lineage.ingest.bulk import graph_lock
from lineage.models import Deployment
from lineage.services.deployments import end_deployments, restore_deployments
from tests.factories.platform import Record, deployments_of, drawn, told

pytestmark = pytest.mark.django_db

KEY = "tv/prod"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ended(at: str) -> Record:
    return {"type": "deployment_ended", "deployment": KEY, "ended_at": at}


def used(at: str, requests: int = 0) -> Record:
    return {"type": "usage", "deployment": KEY, "last_used_at": at, "requests": requests}


def ends() -> list[tuple[str, str, datetime | None]]:
    return [(d.version.version, d.end_reason, d.ended_at) for d in deployments_of(KEY)]


def test_a_deployment_under_the_same_key_replaces_the_former() -> None:
    told("tv/prod runs tv 1.0.0 in prod", "tv/prod runs tv 2.0.0 in prod since 2026-02-01")
    assert ends() == [("1.0.0", "replaced", day("2026-02-01")), ("2.0.0", "", None)]
    assert Deployment.objects.live().count() == 1


def test_the_same_version_deployed_again_is_another_deployment() -> None:
    told("tv/prod runs tv 1.0.0 in prod", "tv/prod runs tv 1.0.0 in prod since 2026-02-01")
    assert ends() == [("1.0.0", "replaced", day("2026-02-01")), ("1.0.0", "", None)]


def test_other_keys_of_the_module_are_left_alone() -> None:
    told("tv/prod runs tv 1.0.0 in prod", "tv/test runs tv 2.0.0 in test since 2026-02-01")
    assert ends() == [("1.0.0", "", None)]


@pytest.mark.parametrize(
    ("at", "first", "second"),
    [
        ("2025-12-31", ("replaced", "2026-02-01"), ("", None)),  # before anything started
        ("2026-01-01", ("reported", "2026-01-01"), ("", None)),  # as it started
        ("2026-01-15", ("reported", "2026-01-15"), ("", None)),
        ("2026-02-01", ("reported", "2026-02-01"), ("", None)),  # as the next one started
        ("2026-02-02", ("replaced", "2026-02-01"), ("reported", "2026-02-02")),
    ],
)
def test_a_reported_end_belongs_to_the_deployment_it_falls_into(at, first, second) -> None:
    records = [
        *drawn("""
        tv/prod runs tv 1.0.0 in prod
        tv/prod runs tv 2.0.0 in prod since 2026-02-01
        """),
        ended(at),
    ]
    for order in permutations(records):
        with transaction.atomic():
            for record in order:
                told(record)
            found = [(d.end_reason, d.ended_at) for d in deployments_of(KEY)]
            transaction.set_rollback(True)
        assert found == [(reason, when and day(when)) for reason, when in (first, second)]


def test_the_first_of_several_reported_ends_counts() -> None:
    told("tv/prod runs tv 1.0.0 in prod", ended("2026-03-01"), ended("2026-02-01"))
    assert ends() == [("1.0.0", "reported", day("2026-02-01"))]


def test_an_end_before_its_own_start_is_rejected() -> None:
    outcome = told("tv/prod runs tv 1.0.0 in prod since 2026-02-01 until 2026-01-01", "tv 1.0.0")
    assert (outcome.rejected, outcome.created) == (1, 1)
    assert not Deployment.objects.exists()


def test_an_end_may_be_told_long_before_the_deployment() -> None:
    told(ended("2026-01-20"))
    assert not Deployment.objects.exists()
    told("tv/prod runs tv 1.0.0 in prod")
    assert ends() == [("1.0.0", "reported", day("2026-01-20"))]


def test_use_is_counted_for_the_deployment_that_ran_then() -> None:
    told(
        used("2026-01-10", 5),
        "tv/prod runs tv 1.0.0 in prod",
        "tv/prod runs tv 2.0.0 in prod since 2026-02-01",
        used("2026-01-20", 7),
        used("2026-02-01", 1),
        used("2026-01-20", 6),
    )
    found = [(d.requests, d.last_used_at) for d in deployments_of(KEY)]
    assert found == [(12, day("2026-01-20")), (1, day("2026-02-01"))]


def test_a_sunset_deployment_is_ended_and_restored_to_life() -> None:
    told("tv/prod runs tv 1.0.0 in prod")
    ids = [deployments_of(KEY)[0].pk]
    with graph_lock():
        assert end_deployments(ids, at=day("2026-03-01")) == 1
        assert end_deployments(ids, at=day("2026-03-02")) == 0
    assert ends() == [("1.0.0", "sunset", day("2026-03-01"))]
    with graph_lock():
        assert restore_deployments(ids, at=day("2026-03-05")) == 1
    assert ends() == [("1.0.0", "", None)]


def test_a_source_that_still_reports_a_sunset_deployment_revives_it_visibly() -> None:
    told("tv/prod runs tv 1.0.0 in prod")
    with graph_lock():
        end_deployments([deployments_of(KEY)[0].pk], at=day("2026-03-01"))
    outcome = told("tv/prod runs tv 1.0.0 in prod")
    assert (outcome.revived, outcome.changed) == (1, 1)
    assert ends() == [("1.0.0", "", None)]


@pytest.mark.parametrize(
    ("own", "of_version", "of_environment", "expires"),
    [
        ("P1D", "P2D", "P3D", "2026-01-02"),
        (None, "P2D", "P3D", "2026-01-03"),
        (None, None, "P3D", "2026-01-04"),
        (None, None, None, None),
    ],
)
def test_expiry_follows_the_nearest_ttl_whatever_comes_first(
    own: str | None, of_version: str | None, of_environment: str | None, expires: str | None
) -> None:
    deployment = drawn(
        "tv/prod runs tv 1.0.0 in test" + (f" since 2026-01-01 for {own}" if own else "")
    )
    records = [
        *deployment,
        {"module": "tv", "version": "1.0.0", "ttl": of_version},
        {"type": "environment", "name": "test", "tier": "preprod", "ttl": of_environment},
    ]
    for order in permutations(records):
        with transaction.atomic():
            for record in order:
                told(record)
            found = deployments_of(KEY)[0].expires_at
            transaction.set_rollback(True)
        assert found == (expires and day(expires))


def test_a_changed_ttl_of_an_environment_moves_the_expiry_of_what_runs_there() -> None:
    test = {"type": "environment", "name": "test", "tier": "preprod"}
    told({**test, "ttl": "P3D"}, "tv/prod runs tv 1.0.0 in test")
    told({**test, "ttl": "P9D"})
    assert deployments_of(KEY)[0].expires_at == day("2026-01-10")
    told(test)
    assert deployments_of(KEY)[0].expires_at is None


def test_an_instant_of_expiry_is_as_good_as_a_ttl() -> None:
    told(dict(drawn("tv/prod runs tv 1.0.0 in prod")[0], expires_at="2026-01-05"))
    assert deployments_of(KEY)[0].expires_at == day("2026-01-05")


def test_an_expired_deployment_is_live_until_it_is_ended() -> None:
    told("tv/prod runs tv 1.0.0 in prod since 2026-01-01 for P1D")
    now = day("2026-01-02")
    assert Deployment.objects.live().count() == 1
    assert Deployment.objects.expired(now).count() == 1
    assert Deployment.objects.expired(day("2026-01-01")).count() == 0
    told(ended("2026-01-03"))
    assert Deployment.objects.live().count() == 0
    assert Deployment.objects.expired(now).count() == 0
