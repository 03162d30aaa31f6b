"""Celery tasks of the lifecycle side: thin doors to the services."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from lifecycle.services.audit_chain import chain_entries
from lifecycle.services.audit_check import check_chain
from lifecycle.services.backtest_runs import run_due_backtests
from lifecycle.services.campaigns import drive_campaigns as run_campaigns
from lifecycle.services.deliver import send_due as send_due_deliveries
from lifecycle.services.delivery_log import forget_old_deliveries
from lifecycle.services.executor_runs import send_due
from lifecycle.services.fan_out import fan_out
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import drive_sunsets as run_driver
from lifecycle.services.sweep import is_due
from lifecycle.services.sweep import sweep as run_sweep
from lifecycle.services.upgrade_following import follow_upgrades
from lineage.services.epoch import current_epoch

# For how long one run of a job that sends goes on before it leaves the rest to the next.
SENDS_FOR = 50


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def sweep() -> int:
    """Run every rule, follow asked upgrades, deliver; returns how many findings opened."""
    opened = run_sweep(timezone.now()).opened
    follow_upgrades(timezone.now())
    deliver_due(timezone.now())
    fan_out(timezone.now())
    return opened


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def sweep_if_changed() -> int:
    """Sweep when the data moved since the last sweep; time alone is the other task's."""
    if not is_due(current_epoch().number):
        return 0
    return sweep()


@shared_task(acks_late=True, soft_time_limit=300, time_limit=330)
def deliver_notices() -> int:
    """Put what lies in the outbox into the inboxes and the channels' queue; returns how many."""
    delivered = deliver_due(timezone.now())
    fan_out(timezone.now())
    return delivered


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def send_deliveries() -> int:
    """Send over the channels what is due, for a while; returns how many were tried."""
    tried, began = 0, monotonic()
    while claimed := send_due_deliveries(timezone.now()):
        tried += claimed
        if monotonic() - began > SENDS_FOR:
            break
    return tried


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def forget_deliveries() -> int:
    """Remove from the log of deliveries what ended long ago; returns how many."""
    return forget_old_deliveries(timezone.now())


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def drive_sunsets() -> int:
    """Move every sunset that is due; returns how many moved, were announced or purged."""
    driven = run_driver(timezone.now())
    deliver_due(timezone.now())
    fan_out(timezone.now())
    return driven.announced + driven.moved + driven.purged


@shared_task(acks_late=True, soft_time_limit=120, time_limit=150)
def chain_audit() -> int:
    """Chain what a process that died had recorded but not chained; returns how many."""
    return chain_entries()


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def check_audit() -> str:
    """Read the whole audit; returns its state."""
    return check_chain(timezone.now()).state


@shared_task(acks_late=True, soft_time_limit=240, time_limit=300)
def send_executor_calls() -> int:
    """Tell executors what is due, batch by batch; returns how many calls were sent."""
    until, sent = monotonic() + SENDS_FOR, 0
    while monotonic() < until and (count := send_due(timezone.now())):
        sent += count
    return sent


@shared_task(acks_late=True, soft_time_limit=3_600, time_limit=3_660)
def run_backtests() -> int:
    """Replay what was asked for and what a dead worker left; returns how many were finished."""
    return run_due_backtests(timezone.now)


@shared_task(acks_late=True, soft_time_limit=900, time_limit=960)
def drive_campaigns() -> int:
    """Read, remind and announce whatever is due; returns how many campaigns moved on."""
    driven = run_campaigns(timezone.now())
    deliver_due(timezone.now())
    return driven.announced + driven.ended
