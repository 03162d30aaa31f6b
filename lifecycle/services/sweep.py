"""The sweep: every rule over the newest data, findings written, owners told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from django.db import transaction

from lifecycle.models import Finding
from lifecycle.rules.base import Flag
from lifecycle.rules.expired_deployment import LiveDeployment, flag_expired_deployments
from lifecycle.rules.unused_range import flag_unused_ranges
from lifecycle.services.findings import Synced, sync_findings
from lifecycle.services.news import tell_news
from lifecycle.services.notices import notices_of_findings, write_notices
from lifecycle.services.sunsets import mark_revived
from lifecycle.services.waits import unused_for
from lineage.models import JobRun
from lineage.selectors.deployments import expired_deployments
from lineage.selectors.lines import line_facts
from lineage.services.snapshot import refresh

JOB = "sweep"


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """What a sweep found; ``graph_seconds`` is the part spent on the snapshot and the lines."""

    opened: int
    refreshed: int
    closed: int
    by_rule: dict[str, int]
    notices: int
    seconds: float
    graph_seconds: float
    epoch: int


def sweep(now: datetime) -> SweepSummary:
    """Run every rule now. Idempotent; two at once leave one finding per thing."""
    began = perf_counter()
    job = JobRun.objects.create(name=JOB, started_at=now, total=len(RULES))
    try:
        epoch = refresh(now).epoch
        graph_seconds = perf_counter() - began
        synced: dict[str, Synced] = {}
        for done, (rule, flags_of) in enumerate(RULES.items(), start=1):
            synced[rule] = _apply(rule, list(flags_of(now)), epoch, now)
            JobRun.objects.filter(pk=job.pk).update(done=done)
        mark_revived(now)
        notices = tell_news(now)
    except BaseException as error:
        JobRun.objects.filter(pk=job.pk).update(
            status=JobRun.Status.FAILED, finished_at=now, detail={"error": repr(error)[:500]}
        )
        raise
    summary = SweepSummary(
        opened=sum(len(one.opened) for one in synced.values()),
        refreshed=sum(one.refreshed for one in synced.values()),
        closed=sum(one.closed for one in synced.values()),
        by_rule={rule: len(one.opened) + one.refreshed for rule, one in synced.items()},
        notices=notices,
        seconds=round(perf_counter() - began, 3),
        graph_seconds=round(graph_seconds, 3),
        epoch=epoch,
    )
    JobRun.objects.filter(pk=job.pk).update(
        status=JobRun.Status.DONE,
        finished_at=now + timedelta(seconds=summary.seconds),
        epoch=epoch,
        detail={"opened": summary.opened, "closed": summary.closed, "by_rule": summary.by_rule},
    )
    return summary


def is_due(epoch: int) -> bool:
    """Whether no sweep has yet seen this epoch to its end."""
    return not JobRun.objects.filter(name=JOB, status=JobRun.Status.DONE, epoch__gte=epoch).exists()


def _apply(rule: str, flags: list[Flag], epoch: int, now: datetime) -> Synced:
    with transaction.atomic():
        synced = sync_findings(rule, flags, epoch=epoch, now=now)
        # Who comes to own a flagged thing has to know before it goes.
        write_notices(notices_of_findings([*synced.opened, *synced.handed], now=now))
    return synced


def _unused_ranges(now: datetime) -> Iterator[Flag]:
    facts = line_facts(now=now, published_within=unused_for())
    return flag_unused_ranges(facts, now=now, unused_for=unused_for())


def _expired_deployments(now: datetime) -> Iterator[Flag]:
    rows = expired_deployments(now).values_list(
        "id", "key", "version__module_id", "version__module__name", "version__version",
        "version__module__owner_id", "environment__name", "environment__tier", "started_at",
        "expires_at", "last_used_at",
    )  # fmt: skip
    return flag_expired_deployments((LiveDeployment(*row) for row in rows.iterator()), now=now)


RULES: dict[str, Callable[[datetime], Iterator[Flag]]] = {
    Finding.Rule.UNUSED_RANGE.value: _unused_ranges,
    Finding.Rule.EXPIRED_DEPLOYMENT.value: _expired_deployments,
}
