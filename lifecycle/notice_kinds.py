"""How urgent each kind of notice is, and the kind of event it tells of (pure)."""

from lifecycle.events.catalogue import Urgency

# Kinds that are not named here, such as findings, are of normal urgency and no event.
URGENCIES = {
    "published": Urgency.LOW,
    "uptake": Urgency.LOW,
    "restored": Urgency.NORMAL,
    "announced": Urgency.HIGH,
    "sunset": Urgency.HIGH,
    "dying": Urgency.HIGH,
    "yanked": Urgency.HIGH,
    "blocking": Urgency.HIGH,
    "quiet": Urgency.HIGH,
}
EVENTS = {
    "published": "version.published",
    "fix": "fix.available",
    "deprecated": "version.deprecated",
    "dying": "range.dying",
    "yanked": "version.yanked",
    "blocking": "sunset.blocked",
    "announced": "sunset.announced",
    "sunset": "sunset.done",
    "restored": "sunset.restored",
    "expiring": "deployment.expiring",
    "quiet": "source.quiet",
    "uptake": "uptake.milestone",
    "asked": "upgrade.requested",
}


def urgency_of(kind: str) -> Urgency:
    """How urgent a kind of notice is."""
    return URGENCIES.get(kind, Urgency.NORMAL)


def is_within(kind: str, wanted: str) -> bool:
    """Whether a kind of event is the wanted one or lies below it; empty wants any.

    ``version.published`` has ``version.published.major`` below it, and the other way
    round a mute of the latter leaves the former alone.
    """
    return not wanted or kind == wanted or kind.startswith(f"{wanted}.")
