"""Policies: made, changed and taken away by operators, checked whole, every step audited."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from lifecycle.exceptions import InvalidPolicy, Outdated
from lifecycle.executors import executor_names
from lifecycle.models import Policy
from lifecycle.permissions import Actor, require_operator
from lifecycle.policies.settings import read_settings, written
from lifecycle.policies.validation import PolicyDraft, faults_of
from lifecycle.rules.registry import RULES
from lifecycle.selectors.policies import defaults, draft_of, policy_by_id
from lifecycle.services.audit import record
from lineage.models import Team

WHAT = "change policies"


def create_policy(draft: PolicyDraft, *, actor: Actor, reason: str, now: datetime) -> Policy:
    """Save a new policy; raises PermissionDenied, InvalidPolicy."""
    require_operator(actor, WHAT)
    check_policy(draft)
    name = actor.name[:256]
    with _free_name(), transaction.atomic():
        row = Policy.objects.create(
            **_fields(draft), created_by=name, created_at=now, updated_by=name, updated_at=now
        )
        record(
            actor, "create policy", row.name, at=now, reason=reason,
            evidence={"policy": row.pk, "rule": row.rule}, after=asdict(draft_of(row)),
        )  # fmt: skip
    return row


def update_policy(
    policy_id: int, draft: PolicyDraft, *, revision: int, actor: Actor, reason: str, now: datetime
) -> Policy:
    """Change a policy that is still as it was at ``revision``.

    Raises PermissionDenied, UnknownThing, InvalidPolicy, and Outdated where somebody
    changed it in between.
    """
    require_operator(actor, WHAT)
    check_policy(draft)
    with _free_name(), transaction.atomic():
        before = policy_by_id(policy_id)
        changed = Policy.objects.filter(pk=policy_id, revision=revision).update(
            **_fields(draft),
            updated_by=actor.name[:256],
            updated_at=now,
            revision=revision + 1,
        )
        if not changed:
            raise Outdated("policy")
        row = policy_by_id(policy_id)
        record(
            actor, "update policy", row.name, at=now, reason=reason,
            evidence={"policy": row.pk, "rule": row.rule, "revision": row.revision},
            before=asdict(draft_of(before)), after=asdict(draft_of(row)),
        )  # fmt: skip
    return row


def delete_policy(
    policy_id: int, *, revision: int, actor: Actor, reason: str, now: datetime
) -> None:
    """Take a policy away; what it governed falls to the next. Raises as ``update_policy``."""
    require_operator(actor, WHAT)
    with transaction.atomic():
        before = policy_by_id(policy_id)
        # Claimed first: of a change and a removal at once one is told that it came late.
        claimed = Policy.objects.filter(pk=policy_id, revision=revision).update(
            revision=revision + 1
        )
        if not claimed:
            raise Outdated("policy")
        Policy.objects.filter(pk=policy_id).delete()
        record(
            actor, "delete policy", before.name, at=now, reason=reason,
            evidence={"policy": policy_id, "rule": before.rule}, before=asdict(draft_of(before)),
        )  # fmt: skip


def check_policy(draft: PolicyDraft) -> None:
    """Raise InvalidPolicy unless the draft can be saved; whether its name is free is left out."""
    faults = faults_of(draft, executors=executor_names())
    if draft.owner_id is not None and not Team.objects.filter(pk=draft.owner_id).exists():
        faults.setdefault("owner", []).append("There is no such team.")
    if any(policy.name == draft.name.strip() for policy in defaults()):
        faults.setdefault("name", []).append("A built-in policy is called so.")
    if faults:
        raise InvalidPolicy(faults)


@contextmanager
def _free_name() -> Iterator[None]:
    """Turns a name that is taken into what is wrong with the field."""
    try:
        yield
    except IntegrityError as error:
        raise InvalidPolicy({"name": ["There is a policy of this name already."]}) from error


def _fields(draft: PolicyDraft) -> dict[str, Any]:
    """The columns of a checked draft; settings are stored whole, defaults included."""
    settings = read_settings(RULES[draft.rule].settings, draft.settings)
    return asdict(draft) | {"settings": written(settings), "name": draft.name.strip()}
