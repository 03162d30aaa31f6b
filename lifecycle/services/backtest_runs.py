"""Backtests run: claimed by a worker, replayed look by look, kept whole or not at all."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from lifecycle.backtest.exempting import ExemptHistory
from lifecycle.backtest.replay import Gone, Outcome, Replay, UsedAgain
from lifecycle.backtest.report import Report, report_of
from lifecycle.models import Backtest, BacktestItem
from lifecycle.policies.precedence import Rulebook
from lifecycle.policies.validation import PolicyDraft
from lifecycle.selectors.exemptions import exempt_spans
from lifecycle.selectors.policies import rulebook
from lineage.ingest.bulk import insert_rows, next_id
from lineage.models import Team, Version
from lineage.selectors.window import days_before
from lineage.services.epoch import current_epoch
from lineage.services.record import read_record

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MOST_CLAIMS = 3  # a replay that took this many workers with it is given up
USES_NAMED = 20
State = Backtest.State
Clock = Callable[[], datetime]


def run_due_backtests(clock: Clock) -> int:
    """Run what is queued and what a dead worker left, oldest first; returns how many.

    Any number of workers may: each backtest is claimed by one conditional update.
    """
    done = 0
    while (pk := _next(clock())) is not None:
        done += run_backtest(pk, clock)
    return done


def run_backtest(pk: int, clock: Clock) -> bool:
    """Claim one and replay it; whether this worker finished it."""
    now = clock()
    claimed = (
        _due(now)
        .filter(pk=pk)
        .update(
            state=State.RUNNING,
            claims=F("claims") + 1,
            claimed_until=now + LEASE,
            started_at=now,
            done=0,
        )
    )
    if not claimed:
        return False
    backtest = Backtest.objects.get(pk=pk)
    if backtest.claims > MOST_CLAIMS:
        return _fail(backtest, f"{MOST_CLAIMS} workers died of it.", clock())
    try:
        return _replay(backtest, clock)
    except Exception as error:  # what failed is told where it was asked for
        logger.exception("backtest %s failed", pk)
        return _fail(backtest, repr(error)[:500], clock())


def _replay(backtest: Backtest, clock: Clock) -> bool:
    """Replay and keep the outcome, unless the claim was lost on the way."""
    epoch = current_epoch().number
    looks = days_before(backtest.asked_at, backtest.days).ends
    book = _rulebook(backtest)
    record = read_record(backtest.asked_at)
    replay = Replay(record, book, ExemptHistory(exempt_spans()), looks)
    for done in replay.run():
        if not _go_on(backtest, done, clock()):
            return False
    outcome = replay.outcome
    gone = [one for one in outcome.gone if _is_of(one, backtest)]
    report = report_of(gone, looks)
    with transaction.atomic():
        finished = _mine(backtest).update(
            state=State.DONE,
            finished_at=clock(),
            claimed_until=None,
            epoch=epoch,
            result=_result(report, outcome, looks),
        )
        if finished:
            _keep(backtest, gone)
    return bool(finished)


def _rulebook(backtest: Backtest) -> Rulebook:
    draft = PolicyDraft(**backtest.draft) if backtest.draft else None
    return rulebook(draft=draft, without=backtest.policy_id)


def _is_of(gone: Gone, backtest: Backtest) -> bool:
    """Whether it went by the policy that is asked about; all did where all are."""
    if not backtest.name:
        return True
    flag = gone.flag
    return (flag.policy_id, flag.policy_name) == (backtest.policy_id, backtest.name)


def _next(now: datetime) -> int | None:
    return _due(now).order_by("asked_at", "id").values_list("pk", flat=True).first()


def _due(now: datetime) -> "QuerySet[Backtest]":
    left = Q(state=State.RUNNING, claimed_until__lt=now)
    return Backtest.objects.filter(Q(state=State.QUEUED) | left)


def _mine(backtest: Backtest) -> "QuerySet[Backtest]":
    """The row, as long as no other worker claimed it."""
    return Backtest.objects.filter(pk=backtest.pk, state=State.RUNNING, claims=backtest.claims)


def _go_on(backtest: Backtest, done: int, now: datetime) -> bool:
    """Tell how far it is and keep the claim; False where another worker has it."""
    return bool(_mine(backtest).update(done=done, claimed_until=now + LEASE))


def _fail(backtest: Backtest, error: str, now: datetime) -> bool:
    _mine(backtest).update(state=State.FAILED, finished_at=now, claimed_until=None, error=error)
    return False


def _keep(backtest: Backtest, gone: Sequence[Gone]) -> None:
    named = {used.version_id for one in gone for used in one.used_again[:USES_NAMED]}
    texts = _texts(named - {None})
    fields = [field.attname for field in BacktestItem._meta.concrete_fields]
    first = next_id(BacktestItem)
    rows = (_item(backtest, pk, one, texts) for pk, one in enumerate(gone, start=first))
    insert_rows(BacktestItem, fields, ([getattr(row, name) for name in fields] for row in rows))


def _item(backtest: Backtest, pk: int, gone: Gone, texts: Mapping[int, str]) -> BacktestItem:
    flag = gone.flag
    uses = sorted(gone.used_again, key=lambda used: used.at)
    return BacktestItem(
        pk=pk,
        backtest_id=backtest.pk,
        rule=flag.rule,
        policy_name=flag.policy_name,
        is_automatic=flag.is_automatic,
        label=str(flag.evidence.get("label", flag.subject)),
        module_id=flag.module_id,
        owner_id=flag.owner_id,
        deployment_id=flag.deployment_id,
        reason=flag.reason,
        versions=len(gone.version_ids),
        flagged_at=gone.flagged_at,
        gone_at=gone.gone_at,
        ended_at=gone.ended_at,
        deployment_days=round(gone.days, 3),
        used_again_at=uses[0].at if uses else None,
        used_again=[_use(used, texts) for used in uses[:USES_NAMED]],
        uses=len(uses),
    )


def _use(used: UsedAgain, texts: Mapping[int, str]) -> dict[str, Any]:
    return {
        "at": used.at.isoformat(),
        "deployment": used.by.key,
        "environment": used.by.environment,
        "version": texts.get(used.version_id, "") if used.version_id is not None else "",
    }


def _texts(version_ids: set[Any]) -> dict[int, str]:
    rows = Version.objects.filter(pk__in=version_ids).select_related("module").order_by()
    return {row.pk: str(row) for row in rows}


def _result(report: Report, outcome: Outcome, looks: Sequence[datetime]) -> dict[str, Any]:
    names = dict(
        Team.objects.filter(pk__in=[pk for pk in report.owners if pk]).values_list("id", "name")
    )
    owners = sorted(
        ({"owner": names.get(pk or 0, ""), **asdict(tally)} for pk, tally in report.owners.items()),
        key=lambda row: (-row["gone"], row["owner"]),
    )
    return {
        "from": looks[0].isoformat(),
        "until": looks[-1].isoformat(),
        "total": asdict(report.total),
        "announced": outcome.announced,
        "dropped": outcome.dropped,
        "waiting": outcome.waiting,
        "weeks": [{**asdict(week), "monday": week.monday.isoformat()} for week in report.weeks],
        "rules": [{"rule": rule, **asdict(tally)} for rule, tally in report.rules.items()],
        "owners": owners,
    }
