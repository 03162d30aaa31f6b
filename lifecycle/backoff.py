"""When to try again what failed: ever later, spread by jitter, and not for ever (pure)."""

from dataclasses import dataclass
from datetime import timedelta

MOST_ASKED = timedelta(days=1)
MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits double from ``first`` up to ``most``; after ``attempts`` nothing is tried again.

    Of each wait a half is fixed and a half is drawn, so that what failed together does not
    come back together.
    """

    first: timedelta = timedelta(seconds=5)
    most: timedelta = timedelta(hours=1)
    attempts: int = 20

    def wait(
        self, attempts: int, *, draw: float, asked: timedelta | None = None
    ) -> timedelta | None:
        """How long to wait after so many attempts; None: give up.

        ``draw`` lies in [0, 1). ``asked`` is how long the other side wants to be left
        alone; it is honoured up to a day.
        """
        if attempts >= self.attempts:
            return None
        doublings = min(max(attempts, 1) - 1, MOST_DOUBLINGS)
        full = min(self.first * (1 << doublings), self.most)
        wait = full / 2 + full / 2 * draw
        return max(wait, min(asked, MOST_ASKED)) if asked is not None else wait
