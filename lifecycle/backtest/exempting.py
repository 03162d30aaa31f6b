"""Exemptions as they stood at each look of a replay (pure)."""

from collections.abc import Sequence
from datetime import datetime

from lifecycle.policies.exemptions import Exemptions, ExemptSpan


class ExemptHistory:
    """All exemptions there ever were; ``at`` is asked of one instant after the other."""

    def __init__(self, spans: Sequence[ExemptSpan] = ()) -> None:
        self._spans = spans
        self._ids: tuple[int, ...] = ()
        self._standing = Exemptions()

    def at(self, at: datetime) -> Exemptions:
        """Those that kept something at an instant."""
        found = [one.exempt for one in self._spans if one.since <= at < one.until]
        ids = tuple(one.id for one in found)
        if ids != self._ids:
            self._ids, self._standing = ids, Exemptions(found)
        return self._standing
