"""A replay: policies as if they had been on, day by day over what was recorded (pure).

What it takes as given is written down in ``docs/explanation/backtest.md``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lifecycle.backtest.exempting import ExemptHistory
from lifecycle.backtest.facts import FactsAt
from lifecycle.backtest.waiting import Due, Waiting, within_caps
from lifecycle.policies.exemptions import exemption_of
from lifecycle.policies.precedence import Policies, Rulebook, RulePolicy
from lifecycle.rules.base import Flag, Rule, SubjectKind
from lifecycle.rules.registry import RULES
from lineage.history.record import DeploymentRow, Record, instant_of
from lineage.history.usage import Again
from lineage.history.world import World


@dataclass(frozen=True, slots=True)
class UsedAgain:
    """A use of what would have been gone; of a line the version that was used is named.

    ``by`` is the deployment that used it: for a deployment itself, of which use was
    reported.
    """

    at: datetime
    by: DeploymentRow
    version_id: int | None = None


@dataclass(slots=True)
class Gone:
    """One thing that would have gone, and what was made of it afterwards."""

    flag: Flag
    version_ids: tuple[int, ...]
    flagged_at: datetime
    gone_at: datetime
    ended_at: datetime | None = None  # of a deployment: when it ended according to its record
    days: float = 0.0  # of a deployment: how many days of running it saves
    used_again: list[UsedAgain] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that would have gone, in order, and how many flags came of which how many went.

    ``dropped`` went away by themselves before their wait was over; ``waiting`` still stand.
    """

    gone: list[Gone]
    announced: int
    dropped: int
    waiting: int


class Replay:
    """Policies over a record. ``run`` goes look by look; then ``outcome`` is whole.

    At each look the rules see the platform as it was then. What they flag waits as its
    policy says and goes at the first look at which its wait is over, still flagged.
    Of policies that ask the answer is taken to be yes, at once.
    """

    def __init__(
        self, record: Record, rulebook: Rulebook, exempt: ExemptHistory, looks: Sequence[datetime]
    ) -> None:
        self._world = World(record)
        self._facts = FactsAt(self._world)
        self._exempt = exempt
        self._looks = looks
        self._waiting = Waiting()
        self._gone: list[Gone] = []
        self._gone_with: dict[int, Gone] = {}  # version node -> what it went with
        self._policies = {(policy.id, policy.name): policy for policy in rulebook.policies}
        self._rules: list[tuple[Rule, Policies]] = [
            (rule, rulebook.of(name)) for name, rule in RULES.items() if rule.is_actionable
        ]

    def run(self) -> Iterator[int]:
        """Look by look; yields how many are done."""
        for done, at in enumerate(self._looks, start=1):
            for again in self._world.advance(at):
                self._note(again)
            self._look(at)
            yield done
        for gone in self._gone:
            self._end_of(gone, self._looks[-1])

    @property
    def outcome(self) -> Outcome:
        """What came of it, once it has run."""
        waiting = self._waiting
        return Outcome(self._gone, waiting.announced, waiting.dropped, waiting.standing)

    def _look(self, at: datetime) -> None:
        due = self._waiting.look(list(self._flags(at)), at)
        for one in within_caps(due):
            self._take(one, at)

    def _flags(self, at: datetime) -> Iterator[tuple[Flag, RulePolicy]]:
        covered: set[int] = set()
        exempt = self._exempt.at(at)
        for rule, policies in self._rules:
            lines = exempt.lines(rule.name)
            facts = self._facts.of(rule, policies, at, covered=covered, exempt_lines=lines)
            for flag in rule.flags(facts, policies):
                if rule.subject is SubjectKind.LINE:
                    covered.update(flag.version_ids)
                if exemption_of(flag, exempt) is None:
                    yield flag, self._policies[flag.policy_id, flag.policy_name]

    def _take(self, due: Due, at: datetime) -> None:
        """Let it go, unless something else took it at this very look."""
        flag, world = due.flag, self._world
        versions = tuple(pk for pk in due.version_ids if not world.is_withdrawn(pk))
        if not versions and flag.deployment_id not in world.live:
            return
        gone = Gone(flag, versions, due.flagged_at, at)
        self._gone.append(gone)
        self._waiting.forget(flag)
        world.withdraw(versions)
        self._gone_with.update({world.node_of[pk]: gone for pk in versions})
        if flag.deployment_id is not None:
            world.end(flag.deployment_id, at)

    def _note(self, again: Again) -> None:
        row = self._world.rows[again.run.id]
        version_id = int(self._world.record.graph.version_ids[again.version])
        used = UsedAgain(instant_of(again.at), row, version_id)
        self._gone_with[again.version].used_again.append(used)

    def _end_of(self, gone: Gone, now: datetime) -> None:
        """What the record says of a deployment after it would have gone."""
        if gone.flag.deployment_id is None:
            return
        row = self._world.rows[gone.flag.deployment_id]
        gone.ended_at = row.ended_at
        gone.days = (min(row.ended_at or now, now) - gone.gone_at).total_seconds() / 86_400
        used = self._world.next_use(row, gone.gone_at)
        if used is not None and used <= now:
            gone.used_again.append(UsedAgain(used, row))
