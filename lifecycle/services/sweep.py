"""The sweep: every rule over the newest data, findings written, owners told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from django.db import transaction

from lifecycle.freezing import frozen_because
from lifecycle.policies.exemptions import exemption_of
from lifecycle.rules.base import Flag, Rule
from lifecycle.rules.registry import RULES
from lifecycle.rules.unused_version import NAME as UNUSED_VERSION
from lifecycle.selectors.exemptions import exempt_at
from lifecycle.selectors.facts import Knowledge
from lifecycle.selectors.freezing import Freezing
from lifecycle.selectors.policies import rulebook
from lifecycle.services.findings import Circumstances, Synced, sync_findings
from lifecycle.services.news import tell_news
from lifecycle.services.notices import notices_of_findings, write_notices
from lifecycle.services.sunsets import mark_revived
from lineage.models import JobRun
from lineage.services.snapshot import refresh

JOB = "sweep"


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """What a sweep found; ``graph_seconds`` is the part spent on bringing the graph up to date.

    ``withheld`` were flagged but not opened, as a source they rest on is blind.
    """

    opened: int
    refreshed: int
    closed: int
    withheld: int
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
        judged = Judged(now)
        for done, rule in enumerate(RULES.values(), start=1):
            synced[rule.name] = _apply(rule, judged, epoch, now)
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
        withheld=sum(one.withheld for one in synced.values()),
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
        detail={
            "opened": summary.opened,
            "closed": summary.closed,
            "withheld": summary.withheld,
            "by_rule": summary.by_rule,
        },
    )
    return summary


def is_due(epoch: int) -> bool:
    """Whether no sweep has yet seen this epoch to its end."""
    return not JobRun.objects.filter(name=JOB, status=JobRun.Status.DONE, epoch__gte=epoch).exists()


class Judged:
    """What the rules flag at an instant, and what surrounds each flag."""

    def __init__(self, now: datetime) -> None:
        self._exempt = exempt_at(now)
        self._freezing = Freezing(now)
        lines = self._exempt.lines(UNUSED_VERSION)
        self._known = Knowledge(rulebook(), now=now, exempt_lines=lines)

    def flags(self, rule: Rule) -> list[Flag]:
        """What a rule flags under the policies in force."""
        return self._known.flags(rule)

    def around(self, flag: Flag) -> Circumstances:
        """What keeps it, what freezes it, what it rests on."""
        kept = exemption_of(flag, self._exempt)
        sources = self._freezing.sources_of(flag)
        return Circumstances(kept.id if kept else None, frozen_because(sources), tuple(sources))


def _apply(rule: Rule, judged: Judged, epoch: int, now: datetime) -> Synced:
    flags = judged.flags(rule)
    around = {flag.subject: judged.around(flag) for flag in flags}
    with transaction.atomic():
        synced = sync_findings(rule.name, flags, epoch=epoch, now=now, circumstances=around)
        # Who comes to own a flagged thing has to know before it goes.
        told = [f for f in (*synced.opened, *synced.handed) if f.exemption_id is None]
        write_notices(notices_of_findings(told, now=now))
    return synced
