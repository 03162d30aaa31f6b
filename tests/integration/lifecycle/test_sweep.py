"""The sweep: findings open, are confirmed and close by themselves, with their evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from lifecycle.models import AuditEntry, Finding, Notice
from lifecycle.rules.registry import RULES
from lifecycle.services.sweep import is_due, sweep
from lineage.models import JobRun
from lineage.services.epoch import current_epoch
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    ago,
    deployment,
    ended,
    finding,
    open_subjects,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db


def test_sweep_of_an_empty_platform_finds_nothing() -> None:
    summary = sweep(NOW)
    assert (summary.opened, summary.refreshed, summary.closed) == (0, 0, 0)
    assert not Finding.objects.exists()
    assert JobRun.objects.get().status == JobRun.Status.DONE


def test_unused_line_and_expired_deployment_each_open_one_finding_with_evidence() -> None:
    epoch = take_in(*PLATFORM).epoch
    summary = sweep(NOW)
    assert summary.opened == 2
    found = {rule: number for rule, number in summary.by_rule.items() if number}
    assert found == {"unused-range": 1, "expired-deployment": 1}
    line, expired = finding("auth 1.x"), finding("tv-home/preview")
    assert line.owner.name == "identity"
    assert line.evidence["versions"] == 2
    assert line.evidence["newest"] == "1.1.0"
    assert line.since == NOW - 150 * DAY  # the source vouches since its first deployment
    assert expired.owner.name == "tv"
    assert expired.since == NOW - 143 * DAY
    assert expired.evidence["expires_at"] == expired.since.isoformat()
    for found in (line, expired):
        assert (found.epoch, found.first_seen_at, found.last_confirmed_at) == (epoch, NOW, NOW)


def test_second_sweep_finds_nothing_new_and_confirms_what_stands() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    notices = Notice.objects.count()
    summary = sweep(NOW + DAY)
    assert (summary.opened, summary.refreshed, summary.closed) == (0, 2, 0)
    assert Finding.objects.count() == 2
    assert Notice.objects.count() == notices
    line = finding("auth 1.x")
    assert (line.first_seen_at, line.last_confirmed_at) == (NOW, NOW + DAY)
    assert line.reason.startswith("Nobody has used it for 151 days")


def test_confirmed_finding_carries_the_newest_epoch_and_evidence() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    epoch = take_in(version("auth", "1.2.0", owner="identity", published_at=ago(100))).epoch
    sweep(NOW)
    line = finding("auth 1.x")
    assert line.epoch == epoch
    assert line.evidence["newest"] == "1.2.0"
    assert line.since == NOW - 100 * DAY


def test_finding_closes_by_itself_when_somebody_uses_the_line() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    take_in(
        version("old-job", "1.0.0", "auth@^1"),
        deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(1)),
    )
    assert sweep(NOW + DAY).closed == 1
    closed = Finding.objects.get(line="1.x", module__name="auth")
    assert (closed.closed_at, closed.close_reason) == (NOW + DAY, Finding.CloseReason.CLEARED)
    # The minor line that ^1 does not resolve into is unused still.
    assert open_subjects() == ["auth 1.0.x", "tv-home/preview"]


def test_finding_closes_by_itself_when_the_deployment_ends() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    take_in(ended("tv-home/preview", 0))
    assert sweep(NOW).closed == 1
    assert open_subjects() == ["auth 1.x"]


def test_thing_flagged_again_opens_another_finding_and_keeps_the_closed_one() -> None:
    take_in(*PLATFORM, version("old-job", "1.0.0", "auth@^1"))
    take_in(deployment("old-job/prod", "old-job", "1.0.0"), ended("old-job/prod", 40))
    take_in(version("old-job", "2.0.0", "auth@^2", published_at=ago(60)))
    sweep(NOW)
    assert finding("auth 1.x").since == NOW - 40 * DAY
    take_in(deployment("old-job/prod", "old-job", "1.0.0", started_at=ago(20)))
    sweep(NOW)
    assert "auth 1.x" not in open_subjects()
    take_in(ended("old-job/prod", 10))
    sweep(NOW + 10 * DAY)
    assert "auth 1.x" not in open_subjects()  # only twenty days have passed
    sweep(NOW + 20 * DAY)
    assert finding("auth 1.x").since == NOW - 10 * DAY
    assert Finding.objects.filter(line="1.x", module__name="auth").count() == 2


@pytest.mark.parametrize(
    "stated",
    [{"published_at": ago(10)}, {"published_at": ago(200)}],
    ids=["published in the window", "its newest version"],
)
def test_line_that_only_a_consumer_holds_is_not_flagged(stated: dict[str, str]) -> None:
    take_in(*PLATFORM, version("old-job", "1.0.0", "auth@^1", **stated))
    if stated["published_at"] == ago(10):
        take_in(version("old-job", "2.0.0", published_at=ago(9)))
    sweep(NOW)
    assert "auth 1.x" not in open_subjects()


def test_line_held_by_a_superseded_consumer_is_flagged_once_the_window_has_passed() -> None:
    take_in(
        *PLATFORM,
        version("old-job", "1.0.0", "auth@^1", published_at=ago(10)),
        version("old-job", "2.0.0", published_at=ago(9)),
    )
    sweep(NOW)
    assert "auth 1.x" not in open_subjects()
    sweep(NOW + 20 * DAY + timedelta(seconds=1))
    assert "auth 1.x" in open_subjects()


def test_where_no_source_vouches_for_deployments_nothing_is_flagged() -> None:
    take_in(
        *(version("left-pad", number, ecosystem="npm") for number in ("1.0.0", "2.0.0")),
        *PLATFORM,
    )
    sweep(NOW)
    assert open_subjects() == ["auth 1.x", "tv-home/preview"]


def test_source_may_say_that_it_began_to_vouch_only_lately() -> None:
    take_in(*PLATFORM, {"type": "source", "name": "pipeline", "vouches_since": ago(12)})
    sweep(NOW)
    assert open_subjects() == ["tv-home/preview"]


def test_sweep_is_due_exactly_when_no_sweep_has_seen_the_epoch() -> None:
    take_in(*PLATFORM)
    assert is_due(current_epoch().number)
    sweep(NOW)
    assert not is_due(current_epoch().number)
    take_in(version("auth", "2.1.0"))
    assert is_due(current_epoch().number)


def test_failed_sweep_says_so_and_stays_due(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(facts: object, policies: object) -> list[object]:
        raise RuntimeError("rule failed")

    take_in(*PLATFORM)
    rule = replace(RULES["expired-deployment"], flags=broken)
    monkeypatch.setitem(RULES, "expired-deployment", rule)
    with pytest.raises(RuntimeError, match="rule failed"):
        sweep(NOW)
    job = JobRun.objects.get()
    assert job.status == JobRun.Status.FAILED
    assert "rule failed" in job.detail["error"]
    assert is_due(current_epoch().number)


def test_command_prints_one_object_and_delivers(capsys: pytest.CaptureFixture[str]) -> None:
    take_in(*PLATFORM)
    call_command("sweep", "--json")
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert '"opened": 2' in last
    assert not Notice.objects.filter(delivered_at=None).exists()
    call_command("sweep")
    assert "0 findings opened, 2 confirmed, 0 closed" in capsys.readouterr().out


def test_sweep_leaves_no_trace_in_the_audit_because_it_takes_no_step() -> None:
    take_in(*PLATFORM)
    sweep_and_tell()
    assert not AuditEntry.objects.exists()
