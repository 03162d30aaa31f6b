"""Can this range be removed: yes, no or not yet, who stands in the way, and what would free it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lineage.lines import LineFacts, LineState, LineVerdict, judge
from lineage.models import Module
from lineage.selectors.blockers import Blocker, Blockers, blockers_of
from lineage.selectors.moves import Moves, moves_of
from lineage.selectors.paging import DEFAULT_SIZE
from lineage.selectors.range_facts import subject_of
from lineage.selectors.view import current_view
from lineage.selectors.ways_out import Ways, ways_out

BOUND = (LineState.IN_USE, LineState.HELD)

__all__ = ["Blocker", "Removal", "removal_of"]


@dataclass(frozen=True, slots=True)
class Removal:
    """The answer, what it rests on, and who is in the way.

    ``way`` is what would free the range, None where nothing has to move or too much
    leads there to search.
    """

    verdict: str  # yes, no, not_yet
    sentence: str
    facts: LineFacts
    line: LineVerdict
    named: Blockers
    moves: Moves
    way: Ways | None
    epoch: int

    @property
    def blockers(self) -> list[Blocker]:
        """Those of the page asked for."""
        return self.named.rows

    @property
    def total_blockers(self) -> int:
        """All of them."""
        return self.named.total

    @property
    def is_beyond_search(self) -> bool:
        """Whether too much leads there to look for the shortest way out."""
        return self.way is None and self.line.state in BOUND

    @property
    def is_unknown(self) -> bool:
        """Whether nobody can tell, because no source vouches for use."""
        return self.line.state is LineState.UNKNOWN


def removal_of(
    module: Module,
    range: str,
    *,
    now: datetime,
    unused_for: timedelta,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Removal:
    """Decide whether a line, or all versions in a range, can go.

    The same decision as the rule that flags unused ranges (``lineage.lines.judge``).
    Raises UnknownLine where the module has no such version, InvalidRange.
    """
    view = current_view(now)
    subject = subject_of(view, module, range, now=now, published_within=unused_for)
    verdict = judge(subject.facts, now=now, unused_for=unused_for)
    is_bound = verdict.state in BOUND
    return Removal(
        verdict=_answer(verdict),
        sentence=_sentence(subject.facts, verdict),
        facts=subject.facts,
        line=verdict,
        named=blockers_of(view, subject, verdict, page=page, size=size),
        moves=moves_of(view, subject.fates),
        way=ways_out(view, subject, now=now, published_within=unused_for) if is_bound else None,
        epoch=view.snapshot.epoch,
    )


def _answer(verdict: LineVerdict) -> str:
    match verdict.state:
        case LineState.UNUSED | LineState.SUNSET | LineState.EMPTY:
            return "yes"
        case LineState.NEWEST:
            return "no"
        case _:
            return "not_yet"


def _sentence(facts: LineFacts, verdict: LineVerdict) -> str:
    name = f"{facts.module} {facts.line}"
    match _answer(verdict):
        case "yes":
            return f"Yes, {name} can be removed. {verdict.reason}"
        case "no":
            return f"No, {name} cannot be removed. {verdict.reason}"
        case _:
            return f"Not yet: {name} cannot be removed now. {verdict.reason}"
