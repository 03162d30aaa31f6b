"""What was sunset and is reported again comes back, visibly."""

from datetime import timedelta

import pytest

from lineage.models import IngestIssue, IngestRun, Version
from lineage.services.retirement import sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, module, platform, take_in, version
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def sunset(text: str) -> None:
    sunset_versions([version(text).pk], at=NOW)
    refresh(NOW)
    assert version(text).sunset_at == NOW


def test_a_version_listed_again_is_back_and_the_run_says_so() -> None:
    platform("auth 1.0.0\nauth 2.0.0\ntv 1.0.0 -> auth@^1")
    sunset("auth@1.0.0")
    assert module("auth").requirements.get().resolved_version is None
    summary = platform("auth 1.0.0", now=LATER)
    assert summary.revived == 1
    assert version("auth@1.0.0").sunset_at is None
    assert module("auth").requirements.get().resolved_version == version("auth@1.0.0")
    issue = IngestIssue.objects.get(run_id=summary.run, kind="revived")
    assert "auth 1.0.0" in issue.reason


def test_a_deployment_that_runs_a_sunset_version_brings_it_back() -> None:
    platform("auth 1.0.0\nauth 2.0.0")
    sunset("auth@1.0.0")
    summary = platform("auth/prod runs auth 1.0.0 in prod since 2026-04-01", now=LATER)
    assert summary.revived == 1
    assert version("auth@1.0.0").sunset_at is None


def test_a_deployment_that_is_over_brings_nothing_back() -> None:
    platform("auth 1.0.0\nauth 2.0.0")
    sunset("auth@1.0.0")
    late = "auth/prod runs auth 1.0.0 in prod since 2026-01-01 until 2026-01-02"
    assert platform(late, now=LATER).revived == 0
    assert version("auth@1.0.0").sunset_at == NOW


def test_an_sbom_taken_in_again_brings_its_root_back() -> None:
    document = shared_path("data/sboms/small.cdx.json.gz").read_bytes()
    take_in(document)
    root = Version.objects.exclude(tree_hash="").get()
    sunset_versions([root.pk], at=NOW)
    assert take_in(document, now=LATER).revived == 1
    root.refresh_from_db()
    assert root.sunset_at is None
    assert take_in(document, now=LATER).revived == 0


def test_a_run_that_was_killed_is_said_to_be_over_by_a_later_one() -> None:
    platform("auth 1.0.0")
    IngestRun.objects.update(status=IngestRun.Status.RUNNING, finished_at=None)
    platform("auth 2.0.0", now=NOW + timedelta(hours=1))
    killed = IngestRun.objects.earliest("id")
    assert killed.status == IngestRun.Status.RUNNING
    platform("auth 3.0.0", now=NOW + timedelta(hours=7))
    killed.refresh_from_db()
    assert killed.status == IngestRun.Status.FAILED
    assert "interrupted" in killed.error
