"""What executors say later, and what operators decide about their calls."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lifecycle.exceptions import CallGivenUp, NotSigned, UnknownExecutor
from lifecycle.executors import executor_named
from lifecycle.executors.webhook import WebhookExecutor
from lifecycle.models import ExecutorCall, Sunset
from lifecycle.outbound import is_signed
from lifecycle.permissions import Actor, require_operator, system_actor
from lifecycle.services.audit import record
from lifecycle.services.executor_calls import make_due
from lifecycle.services.sunsets.items import acknowledge_calls, execute_again, give_up_calls
from lineage.ingest.bulk import graph_lock

MOST_SAID = 2_000
Operation = ExecutorCall.Operation
State = ExecutorCall.State


def signed_call(
    key: UUID, *, headers: Mapping[str, str], body: bytes, now: datetime
) -> ExecutorCall:
    """The call that a signed answer is about.

    The signature must be by a secret of the webhook that the call was sent to, over a
    ``webhook-id`` that is the key: an answer to another call proves nothing. Raises
    NotSigned, also where there is no such call: strangers learn no keys.
    """
    call = ExecutorCall.objects.filter(key=key).first()
    secrets = _secrets_of(call.executor, now) if call is not None else []
    stated = {name.lower(): value for name, value in headers.items()}
    is_about_it = stated.get("webhook-id") == str(key)
    if call is None or not is_about_it or not is_signed(secrets, headers=stated, body=body):
        raise NotSigned
    return call


def acknowledge(call: ExecutorCall, *, now: datetime) -> ExecutorCall:
    """Take an executor's word that it carried a call out; said twice it counts once.

    Raises CallGivenUp where the item counts as live again by now: what was carried out
    too late is noted on the call, and an operator decides. A restore or a purge that was
    given up is settled all the same.
    """
    if call.state == State.GIVEN_UP and call.operation == Operation.SUNSET:
        _note_too_late(call, now)
        raise CallGivenUp(call.item.label)
    with graph_lock():
        make_due([call.pk], now=now)
        acknowledge_calls([call.pk], now=now)
    call.refresh_from_db()
    return call


def refuse(call: ExecutorCall, error: str, *, now: datetime) -> ExecutorCall:
    """Take an executor's word that it will never carry a call out."""
    said = error.strip()[:MOST_SAID] or "The executor said that it will not be carried out."
    give_up_calls({call.pk: said}, now=now)
    call.refresh_from_db()
    return call


def retry_calls(call_ids: Collection[int], *, actor: Actor, reason: str, now: datetime) -> int:
    """Try calls that were given up again, under their old keys; returns how many.

    A sunset's item is judged anew first, as at any execution. For operators. Raises
    PermissionDenied, and Blocked naming what stands in the way; then nothing is tried.
    """
    require_operator(actor, "try executor calls again")
    with graph_lock():
        calls = _those(call_ids, State.GIVEN_UP)
        for sunset, some in _by_sunset(calls).items():
            record(
                actor, "retry executor", sunset.title, at=now, reason=reason,
                evidence=_evidence(sunset, some),
                before={"state": State.GIVEN_UP}, after={"state": State.PENDING},
            )  # fmt: skip
        again = [call.item_id for call in calls if call.operation == Operation.SUNSET]
        if again:
            execute_again(again, now=now)
        # What was taken back meanwhile is due again only by its item's going once more.
        make_due([c.pk for c in calls if c.operation != Operation.SUNSET], now=now)
    return len(calls)


def stop_calls(call_ids: Collection[int], *, actor: Actor, reason: str, now: datetime) -> int:
    """Give open calls up by decision of an operator; returns how many.

    Raises PermissionDenied.
    """
    require_operator(actor, "give executor calls up")
    with graph_lock():
        calls = _those(call_ids, *ExecutorCall.OPEN)
        for sunset, some in _by_sunset(calls).items():
            record(
                actor, "give up executor", sunset.title, at=now, reason=reason,
                evidence=_evidence(sunset, some),
                before={"state": State.PENDING}, after={"state": State.GIVEN_UP},
            )  # fmt: skip
        said = f"Given up by {actor.name}. {reason}".strip()
        give_up_calls({call.pk: said for call in calls}, now=now)
    return len(calls)


def _secrets_of(executor: str, now: datetime) -> list[str]:
    try:
        found = executor_named(executor)
    except UnknownExecutor:
        return []
    return found.webhook.secrets_at(now) if isinstance(found, WebhookExecutor) else []


def _note_too_late(call: ExecutorCall, now: datetime) -> None:
    with graph_lock():
        late = ExecutorCall.objects.filter(pk=call.pk, state=State.GIVEN_UP, acknowledged_at=None)
        if late.update(acknowledged_at=now):
            record(
                system_actor(), "acknowledged too late", call.item.label, at=now,
                reason="The executor carried it out after it was given up.",
                evidence={"sunset": call.item.sunset_id, "key": str(call.key)},
            )  # fmt: skip


def _those(call_ids: Collection[int], *states: ExecutorCall.State) -> list[ExecutorCall]:
    calls: QuerySet[ExecutorCall] = ExecutorCall.objects.filter(
        pk__in=list(call_ids), state__in=states
    )
    return list(calls.select_related("item__sunset").order_by("id"))


def _by_sunset(calls: Collection[ExecutorCall]) -> dict[Sunset, list[ExecutorCall]]:
    groups: dict[Sunset, list[ExecutorCall]] = defaultdict(list)
    for call in calls:
        groups[call.item.sunset].append(call)
    return groups


def _evidence(sunset: Sunset, calls: list[ExecutorCall]) -> dict[str, object]:
    return {"sunset": sunset.pk, "items": [f"{call.operation} {call.item}" for call in calls]}
