"""The sweep: every rule over the newest data, findings written, owners told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from django.db import transaction

from lifecycle.rules.base import Flag, Rule
from lifecycle.rules.registry import RULES
from lifecycle.selectors.facts import Knowledge
from lifecycle.selectors.policies import rulebook
from lifecycle.services.findings import Synced, sync_findings
from lifecycle.services.news import tell_news
from lifecycle.services.notices import notices_of_findings, write_notices
from lifecycle.services.sunsets import mark_revived
from lineage.models import JobRun
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
        known = Knowledge(rulebook(), now=now)
        for done, rule in enumerate(RULES.values(), start=1):
            synced[rule.name] = _apply(rule, known.flags(rule), epoch, now)
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


def _apply(rule: Rule, flags: list[Flag], epoch: int, now: datetime) -> Synced:
    with transaction.atomic():
        synced = sync_findings(rule.name, flags, epoch=epoch, now=now)
        # Who comes to own a flagged thing has to know before it goes.
        write_notices(notices_of_findings([*synced.opened, *synced.handed], now=now))
    return synced
