"""Rule ``superseded-deployment``: what runs beside a newer version of itself (pure)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import Policies
from lifecycle.policies.settings import number
from lifecycle.rules.base import Default, Flag, Rule, SubjectKind, how_long, text_of
from lifecycle.rules.deployments import flag_of, subject_of
from lifecycle.rules.facts import DeploymentFacts, Facts, Need

NAME = "superseded-deployment"
Place = tuple[int, str, str]  # module, environment, region


@dataclass(frozen=True, slots=True)
class SupersededSettings:
    """How long the newer version has to run beside the older."""

    superseded_for_days: int = number(7, "days beside a newer version")


def flag_superseded_deployments(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag live deployments of which a newer version runs in the same place for long enough.

    A place is an environment and region; the newer one counts from its own start, or
    from that of the older where this is later.
    """
    places: dict[Place, list[DeploymentFacts]] = defaultdict(list)
    for deployment in facts.deployments:
        place = (deployment.module_id, deployment.environment, deployment.region)
        places[place].append(deployment)
    for together in places.values():
        for deployment, newer in _superseded(together):
            policy = policies.flagging(subject_of(deployment))
            if policy is None:
                continue
            since = _beside_since(deployment, newer)
            if since + timedelta(days=policy.settings.superseded_for_days) > facts.now:
                continue
            reason = (
                f"{newer.version} has run in the same place for {how_long(since, facts.now)}, "
                f"as {newer.key}."
            )
            yield flag_of(
                deployment, policy, rule=NAME, since=since, reason=reason,
                newer=newer.version, newer_deployment=newer.key,
                newer_started_at=text_of(newer.started_at),
            )  # fmt: skip


def _superseded(
    together: Iterable[DeploymentFacts],
) -> Iterator[tuple[DeploymentFacts, DeploymentFacts]]:
    """Each deployment that has a newer one, with the newer one that started first."""
    first: DeploymentFacts | None = None  # of those newer than what is looked at
    waiting: list[DeploymentFacts] = []  # of one version, not yet newer than anything
    for deployment in sorted(together, key=lambda one: (-one.rank, one.started_at, one.id)):
        if waiting and waiting[0].rank != deployment.rank:
            first = min([*waiting, *([first] if first else [])], key=_start)
            waiting = []
        waiting.append(deployment)
        if first is not None:
            yield deployment, first


def _start(deployment: DeploymentFacts) -> tuple[datetime, int]:
    return deployment.started_at, deployment.id


def _beside_since(deployment: DeploymentFacts, newer: DeploymentFacts) -> datetime:
    return max(newer.started_at, deployment.started_at)


RULE = Rule(
    name=NAME,
    word="Superseded deployment",
    sentence="runs beside a newer version of itself",
    one="is superseded",
    many="deployments are superseded",
    mark="superseded",
    place=5,
    subject=SubjectKind.DEPLOYMENT,
    need=Need.SIDE_BY_SIDE,
    flags=flag_superseded_deployments,
    settings=SupersededSettings,
    defaults=(Default("Superseded in preproduction", tier="preprod"),),
)
