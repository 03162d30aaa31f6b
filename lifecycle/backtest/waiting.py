"""What was flagged and has not gone yet: how long it waits, and how much goes in a day (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import RulePolicy
from lifecycle.policies.terms import Terms
from lifecycle.rules.base import Flag

Key = tuple[str, str]  # rule and subject
Announced = tuple[datetime, frozenset[int]]  # when, and which versions


@dataclass(frozen=True, slots=True)
class Due:
    """A flag whose wait is over, and since when it stood without a break.

    ``version_ids`` are those it listed then and lists still: nothing goes unannounced.
    """

    flag: Flag
    policy: RulePolicy
    flagged_at: datetime
    version_ids: tuple[int, ...]


def waits_for(terms: Terms, *, is_owned: bool) -> timedelta:
    """How long after its flag a thing goes at the earliest; what nobody owns waits longer."""
    return terms.grace if is_owned else max(terms.grace, terms.ownerless_wait)


class Waiting:
    """The flags that stand, from look to look; one that breaks off starts anew."""

    def __init__(self) -> None:
        self.announced = 0  # flags that came, again after a break counted again
        self.dropped = 0  # flags that went away by themselves before their wait was over
        self._since: dict[Key, Announced] = {}
        self._looked_at: datetime | None = None

    def look(self, flags: Iterable[tuple[Flag, RulePolicy]], at: datetime) -> list[Due]:
        """Note what is flagged now; returns what may go now, window and wait being over.

        In the order given. A window counts for a look when it was open at some instant
        since the look before.
        """
        before, self._looked_at = self._looked_at, at
        known, self._since = self._since, {}
        due = []
        for flag, policy in flags:
            key = (flag.rule, flag.subject)
            listed = known.pop(key, None)
            if listed is None:
                self.announced += 1
                listed = (at, frozenset(flag.version_ids))
            self._since[key] = listed
            since, ids = listed
            free = since + waits_for(policy.terms, is_owned=flag.owner_id is not None)
            if free <= at:
                opened = policy.terms.window.next_open(max(free, before or free))
                if opened <= at:
                    versions = tuple(pk for pk in flag.version_ids if pk in ids)
                    due.append(Due(flag, policy, since, versions))
        self.dropped += len(known)
        return due

    @property
    def standing(self) -> int:
        """How many flags stand."""
        return len(self._since)

    def forget(self, flag: Flag) -> None:
        """It went."""
        self._since.pop((flag.rule, flag.subject), None)


def within_caps(due: Iterable[Due]) -> Iterator[Due]:
    """What goes of it in one day: of each policy at most its daily cap of items.

    The longest unused first. One that alone is larger than the cap goes when nothing
    else of its policy does.
    """
    taken: dict[tuple[int | None, str], int] = defaultdict(int)
    for one in sorted(due, key=lambda one: (one.flag.since, one.flag.rule, one.flag.subject)):
        policy = (one.policy.id, one.policy.name)
        cap, used = one.policy.terms.daily_cap, taken[policy]
        if not cap or not used or used + one.flag.size <= cap:
            taken[policy] += one.flag.size
            yield one
