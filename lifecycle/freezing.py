"""What freezes while a source is blind: nothing may rest on what it does not say (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lineage.cadence import Standing

FREEZES = frozenset({Standing.QUIET, Standing.HELD})


@dataclass(frozen=True, slots=True)
class SourceState:
    """Where a source stands that a finding rests on."""

    id: int
    name: str
    state: Standing
    last_seen_at: datetime

    @property
    def is_blind(self) -> bool:
        """Whether it missed its cadence twice, or shrank and nobody has decided."""
        return self.state in FREEZES

    def as_json(self) -> dict[str, Any]:
        """For the finding's row."""
        return {
            "source": self.name,
            "state": self.state.value,
            "last_seen_at": self.last_seen_at.isoformat(),
        }


def frozen_because(sources: Iterable[SourceState]) -> str:
    """Why what rests on these is frozen; empty where it is not."""
    return "; ".join(_words(one) for one in sources if one.is_blind)


def _words(source: SourceState) -> str:
    if source.state is Standing.HELD:
        return f"source {source.name} lists far less than before"
    return f"source {source.name} has said nothing since {source.last_seen_at:%-d %b %Y %H:%M}"
