"""Rule ``zombie-deployment``: what runs although its version is sunset (pure)."""

from collections.abc import Iterator

from lifecycle.policies.precedence import Policies
from lifecycle.rules.base import Default, Flag, Rule, SubjectKind, how_long, text_of
from lifecycle.rules.deployments import flag_of, subject_of
from lifecycle.rules.facts import Facts, Need

NAME = "zombie-deployment"


def flag_zombie_deployments(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag every live deployment of a version that is sunset."""
    for deployment in facts.deployments:
        gone_at = deployment.sunset_at
        if gone_at is None or gone_at > facts.now:
            continue
        policy = policies.flagging(subject_of(deployment))
        if policy is None:
            continue
        since = max(gone_at, deployment.started_at)
        name = f"{deployment.module} {deployment.version}"
        reason = f"{name} was sunset {how_long(gone_at, facts.now)} ago and it still runs."
        yield flag_of(
            deployment, policy, rule=NAME, since=since, reason=reason, sunset_at=text_of(gone_at)
        )


RULE = Rule(
    name=NAME,
    word="Zombie",
    sentence="runs although its version is sunset",
    one="runs although its version is sunset",
    many="deployments run although their version is sunset",
    mark="sunset",
    place=6,
    subject=SubjectKind.DEPLOYMENT,
    need=Need.SUNSET,
    flags=flag_zombie_deployments,
    defaults=(Default("Zombies"),),
)
