"""Rule ``expired-deployment``: what runs past its TTL (pure)."""

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.policies.precedence import Effect, Policies
from lifecycle.policies.settings import number
from lifecycle.rules.base import Default, Flag, Rule, SubjectKind, how_long
from lifecycle.rules.deployments import flag_of, subject_of
from lifecycle.rules.facts import Facts, Need

NAME = "expired-deployment"


@dataclass(frozen=True, slots=True)
class ExpirySettings:
    """How far a TTL can be extended in one click, and by whom (``lifecycle.extension``).

    No days at once: not at all.
    """

    extend_owner_days: int = number(7, "days an owner can add in preproduction", most=365)
    extend_owner_prod_days: int = number(0, "days an owner can add in production", most=365)
    extend_operator_days: int = number(7, "days an operator can add", most=365)
    extend_most_days: int = number(30, "days beyond the original expiry at most", most=3_650)


def flag_expired_deployments(facts: Facts, policies: Policies) -> Iterator[Flag]:
    """Flag every live deployment whose expiry has come."""
    for deployment in facts.deployments:
        ended_by = deployment.expires_at
        if ended_by is None or ended_by > facts.now:
            continue
        policy = policies.flagging(subject_of(deployment))
        if policy is None:
            continue
        used = deployment.last_used_at
        after = used is not None and used > ended_by
        said = " It was used after that." if after else ""
        reason = f"Its TTL ran out {how_long(ended_by, facts.now)} ago and it still runs.{said}"
        yield flag_of(
            deployment, policy, rule=NAME, since=ended_by, reason=reason, used_after_expiry=after
        )


RULE = Rule(
    name=NAME,
    word="Outlived its TTL",
    sentence="runs past its expiry",
    one="has outlived its TTL",
    many="deployments have outlived their TTL",
    mark="expired",
    place=3,
    subject=SubjectKind.DEPLOYMENT,
    need=Need.EXPIRED,
    flags=flag_expired_deployments,
    settings=ExpirySettings,
    defaults=(
        Default("Expired in preproduction", effect=Effect.AUTOMATIC, tier="preprod", grace_days=3),
        Default("Expired in production", tier="prod"),
    ),
)
