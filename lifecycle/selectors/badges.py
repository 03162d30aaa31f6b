"""What a badge says of a module, in two or three words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lineage.models import Deprecation, Module
from lineage.selectors.modules import module_summary
from lineage.selectors.upgrades import UpgradeFilter, upgrade_list

URGENT = ("dying", "deprecated", "withdrawn")


@dataclass(frozen=True, slots=True)
class Badge:
    """``label``: what is asked; ``words``: the answer; ``state``: how it is drawn."""

    label: str
    words: str
    state: str  # good, behind, warn, bad or unknown


def badge_of(module: Module, kind: str, *, now: datetime) -> Badge:
    """The badge of a kind in BADGES."""
    return BADGES[kind](module, now)


def _dependencies(module: Module, now: datetime) -> Badge:
    """Whether what its running versions use is up to date."""
    counts = upgrade_list(UpgradeFilter(module=module), now=now, size=1).counts
    urgent = sum(counts[status] for status in URGENT)
    behind = counts["fix"] + counts["behind"]
    if urgent:
        return Badge("dependencies", f"{urgent:,} must move", "bad")
    if behind:
        return Badge("dependencies", f"{behind:,} behind", "behind")
    if not counts["current"]:
        return Badge("dependencies", "none", "unknown")
    return Badge("dependencies", "up to date", "good")


def _uptake(module: Module, now: datetime) -> Badge:
    """The share of live deployments that reach its newest major line."""
    summary = module_summary(module, now=now)
    if summary.newest_major_share is None:
        return Badge("uptake", "nothing runs", "unknown")
    share = int(summary.newest_major_share * 100)
    state = "good" if share >= 80 else "behind" if share >= 40 else "warn"
    return Badge(f"on {summary.newest_major}", f"{share} %", state)


def _dying(module: Module, now: datetime) -> Badge:
    """The next of its ranges to be sunset."""
    standing = Deprecation.objects.filter(
        module=module, versions__isnull=False, versions__sunset_at=None
    ).distinct()
    dated = standing.filter(sunset_at__gt=now).order_by("sunset_at", "range").first()
    if dated is not None and dated.sunset_at is not None:
        return Badge(f"{dated.range} dies", f"{dated.sunset_at:%Y-%m-%d}", "warn")
    overdue = standing.filter(sunset_at__lte=now).order_by("sunset_at", "range").first()
    if overdue is not None:
        return Badge("dying", f"{overdue.range} is overdue", "bad")
    count = standing.count()
    if count:
        return Badge("dying", f"{count:,} deprecated", "warn")
    return Badge("dying", "nothing", "good")


BADGES: dict[str, Callable[[Module, datetime], Badge]] = {
    "dependencies": _dependencies,
    "uptake": _uptake,
    "dying": _dying,
}
