"""Everything that is read off the facts and told: run by the sweep, in one place."""

from collections.abc import Callable
from datetime import datetime

from lifecycle.services.consumer_notices import notify_consumers
from lifecycle.services.deployment_news import tell_of_expired, tell_of_expiring
from lifecycle.services.exemptions import remind_of_exemptions
from lifecycle.services.module_news import tell_of_blocking, tell_of_uptake, tell_of_yanks
from lifecycle.services.platform_news import tell_of_quiet_sources, tell_of_sunsets
from lineage.ingest.bulk import exclusive

NEWS_LOCK = 0x4E455753  # "NEWS"

TELLERS: tuple[Callable[[datetime], int], ...] = (
    notify_consumers,
    tell_of_yanks,
    tell_of_blocking,
    tell_of_uptake,
    tell_of_expiring,
    tell_of_expired,
    tell_of_sunsets,
    tell_of_quiet_sources,
    remind_of_exemptions,
)


def tell_news(now: datetime) -> int:
    """Tell what began since the last time; returns how many notices were written.

    Each kind is one transaction that also notes how far it has read; sweeps take turns.
    """
    written = 0
    for tell in TELLERS:
        with exclusive(NEWS_LOCK):
            written += tell(now)
    return written
