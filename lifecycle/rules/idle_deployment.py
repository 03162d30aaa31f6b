"""Rule ``idle-deployment``: what runs and is not used (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lifecycle.policies.precedence import Policies
from lifecycle.policies.settings import number
from lifecycle.rules.base import Default, Flag, Rule, SubjectKind, how_long, text_of
from lifecycle.rules.deployments import flag_of, subject_of
from lifecycle.rules.facts import DeploymentFacts, Facts, Need

NAME = "idle-deployment"


@dataclass(frozen=True, slots=True)
class IdleSettings:
    """How long a deployment goes without use before it is flagged."""

    idle_for_days: int = number(30, "days without use", least=1)


def flag_idle_deployments(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag live deployments of which no use was reported for the policy's time.

    Unknown is not unused: where nobody reports use, nothing is flagged, and the time
    counts from the day its use began to be reported at the earliest.
    """
    for deployment in facts.deployments:
        policy = policies.flagging(subject_of(deployment))
        since = idle_since(deployment)
        if policy is None or since is None:
            continue
        if since + timedelta(days=policy.settings.idle_for_days) > facts.now:
            continue
        reason = f"No use of it was reported for {how_long(since, facts.now)}."
        yield flag_of(
            deployment, policy, rule=NAME, since=since, reason=reason,
            usage_reported_since=text_of(deployment.usage_since),
        )  # fmt: skip


def idle_since(deployment: DeploymentFacts) -> datetime | None:
    """Since when it has not been used; None where nobody would know."""
    if deployment.usage_since is None:
        return None
    instants = (deployment.last_used_at or deployment.started_at, deployment.usage_since)
    return max(instants)


RULE = Rule(
    name=NAME,
    word="Idle deployment",
    sentence="runs, and no use of it is reported",
    one="is idle",
    many="deployments are idle",
    mark="unused",
    place=4,
    subject=SubjectKind.DEPLOYMENT,
    need=Need.UNUSED,
    flags=flag_idle_deployments,
    settings=IdleSettings,
    defaults=(Default("Idle in preproduction", tier="preprod"),),
)
