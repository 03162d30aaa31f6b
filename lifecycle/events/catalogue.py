"""Every kind of event: its name, its urgency and the struct of what it says (pure)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec

from lifecycle.events import data


class Urgency(IntEnum):
    """How soon somebody has to know."""

    LOW = 0
    NORMAL = 1
    HIGH = 2


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event: ``name`` as filters and subscriptions spell it."""

    name: str
    title: str
    urgency: Urgency
    data: type[data.Data]
    description: str

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of what it says."""
        return msgspec.json.schema(self.data, ref_template="#/$defs/{name}")


KINDS: tuple[EventKind, ...] = (
    EventKind(
        "version.published.patch", "Patch published", Urgency.LOW, data.VersionPublished,
        "A version came out, a patch to the one before it.",
    ),
    EventKind(
        "version.published.minor", "Minor published", Urgency.LOW, data.VersionPublished,
        "A version came out, of a new minor line.",
    ),
    EventKind(
        "version.published.major", "Major published", Urgency.LOW, data.VersionPublished,
        "A version came out, of a new major line or the first of its module.",
    ),
    EventKind(
        "version.deprecated", "Deprecated", Urgency.NORMAL, data.VersionsDeprecated,
        "A range was deprecated, without a date.",
    ),
    EventKind(
        "version.yanked", "Yanked", Urgency.HIGH, data.VersionYanked,
        "A version was withdrawn by its provider.",
    ),
    EventKind(
        "fix.available", "Fix available", Urgency.NORMAL, data.FixAvailable,
        "A version came out that mends something consumers run.",
    ),
    EventKind(
        "range.dying", "To be sunset", Urgency.HIGH, data.RangeScheduled,
        "A provider stated the day on which a range is to be sunset.",
    ),
    EventKind(
        "sunset.announced", "Sunset announced", Urgency.HIGH, data.SunsetStep,
        "A sunset was announced; `at` is the end of its grace.",
    ),
    EventKind(
        "sunset.done", "Sunset done", Urgency.HIGH, data.SunsetStep, "A sunset was carried out."
    ),
    EventKind(
        "sunset.restored", "Sunset restored", Urgency.NORMAL, data.SunsetStep,
        "A sunset was taken back.",
    ),
    EventKind(
        "sunset.blocked", "You block a sunset", Urgency.HIGH, data.SunsetBlocked,
        "A team still runs what is to be sunset within two weeks.",
    ),
    EventKind(
        "upgrade.requested", "Upgrade asked for", Urgency.NORMAL, data.UpgradeAsked,
        "A provider asks a consumer to take a range of a dependency.",
    ),
    EventKind(
        "upgrade.done", "Upgrade done", Urgency.LOW, data.UpgradeAsked,
        "The data shows an asked upgrade done.",
    ),
    EventKind(
        "deployment.expiring", "About to expire", Urgency.NORMAL, data.DeploymentExpiry,
        "A deployment outlives its TTL within a day.",
    ),
    EventKind(
        "deployment.expired", "Expired", Urgency.NORMAL, data.DeploymentExpiry,
        "A live deployment has outlived its TTL.",
    ),
    EventKind(
        "source.quiet", "Source gone quiet", Urgency.HIGH, data.SourceQuiet,
        "A source missed its cadence twice.",
    ),
    EventKind(
        "uptake.milestone", "Uptake milestone", Urgency.LOW, data.UptakeMilestone,
        "Half, nine tenths or all of the live consumers take the newest version of a module.",
    ),
    EventKind(
        "webhook.ping", "Test", Urgency.LOW, data.Ping, "Somebody asked for a test message."
    ),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}


def kind_named(name: str) -> EventKind:
    """The kind of that name; raises KeyError."""
    return BY_NAME[name]
