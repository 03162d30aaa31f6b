"""The states a thing can be shown in: for each its mark, its colour class and its word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn: the mark's name, which is also the colour's, and the word."""

    mark: str
    word: str


LOOKS: dict[str, Look] = {
    "newest": Look("live", "Newest"),
    "in_use": Look("live", "In use"),
    "live": Look("live", "Live"),
    "fresh": Look("live", "Fresh"),
    "active": Look("live", "Active"),
    "done": Look("live", "Done"),
    "draining": Look("held", "Draining"),
    "sunsetting": Look("dying", "Sunsetting"),
    "overdue": Look("failed", "Overdue"),
    "intact": Look("live", "Intact"),
    "removable": Look("live", "Yes"),
    "delivered": Look("live", "Delivered"),
    "sending": Look("held", "Sending"),
    "parked": Look("failed", "Parked"),
    "held": Look("held", "Held"),
    "waiting": Look("held", "Waiting"),
    "behind": Look("held", "Behind"),
    "running": Look("held", "Running"),
    "announced": Look("held", "Announced"),
    "executing": Look("held", "Executing"),
    "open": Look("held", "Open"),
    "requested": Look("held", "Asked for"),
    "acknowledged": Look("held", "Acknowledged"),
    "published": Look("held", "Published, not everywhere yet"),
    "pending": Look("held", "Waiting"),
    "sent": Look("held", "Accepted"),
    "restoring": Look("held", "Restoring"),
    "unused": Look("unused", "Unused"),
    "planned": Look("unused", "Planned"),
    "ended": Look("unused", "Ended"),
    "closed": Look("unused", "Closed"),
    "cancelled": Look("unused", "Cancelled"),
    "purged": Look("unused", "Purged"),
    "exempt": Look("unused", "Exempt"),
    "withdrawn": Look("unused", "Withdrawn"),
    "dropped": Look("deprecated", "Left out"),
    "revived": Look("sunset", "Came back by itself"),
    "revoked": Look("unused", "Revoked"),
    "deprecated": Look("deprecated", "Deprecated"),
    "late": Look("deprecated", "Late"),
    "superseded": Look("unused", "Superseded"),
    "dismissed": Look("unused", "Dismissed"),
    "cleared": Look("live", "Cleared"),
    "taken": Look("live", "Taken"),
    "accepted": Look("live", "Accepted"),
    "changed": Look("deprecated", "Changed"),
    "dying": Look("dying", "Dying"),
    "grace": Look("dying", "Grace"),
    "expired": Look("failed", "Expired"),
    "blocked": Look("failed", "Blocked"),
    "broken": Look("failed", "Broken"),
    "failed": Look("failed", "Failed"),
    "given_up": Look("failed", "Given up"),
    "rejected": Look("failed", "Rejected"),
    "conflict": Look("failed", "Conflict"),
    "yanked": Look("failed", "Yanked"),
    "sunset": Look("sunset", "Sunset"),
    "restored": Look("sunset", "Restored"),
    "unknown": Look("unknown", "Unknown"),
    "placeholder": Look("unknown", "Placeholder"),
    "unproven": Look("deprecated", "Unproven"),
    "unchecked": Look("unknown", "Not checked yet"),
    "empty": Look("unknown", "Empty"),
    "nobody": Look("unknown", "nobody"),
    "frozen": Look("frozen", "Frozen"),
    "quiet": Look("frozen", "Quiet"),
}


def look_of(state: str) -> Look:
    """The look of a state; one this table does not know is drawn as unknown, by its own name."""
    known = LOOKS.get(state)
    return known or Look("unknown", state.replace("_", " ").capitalize())
