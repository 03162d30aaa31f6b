"""Calls are written with what they tell of: once an item and operation, and never for nothing."""

import pytest

from lifecycle.models import ExecutorCall, SunsetItem
from lifecycle.services.executor_calls import write_calls
from tests.factories.executors import in_grace
from tests.factories.lifecycle import DAY, NOW

pytestmark = pytest.mark.django_db
SUNSET, RESTORE = ExecutorCall.Operation.SUNSET, ExecutorCall.Operation.RESTORE
State = ExecutorCall.State


def items_of_a_sunset(count: int = 3) -> list[int]:
    sunset = in_grace(count, "webhook:bot")
    return list(SunsetItem.objects.filter(sunset=sunset).values_list("id", flat=True))


def write(
    items: list[int], operation: ExecutorCall.Operation = SUNSET, now: object = NOW
) -> set[int]:
    return write_calls(items, operation, now=now)  # type: ignore[arg-type]


def told(*items: int, state: State = State.PENDING) -> None:
    calls = ExecutorCall.objects.filter(item_id__in=items, operation=SUNSET)
    calls.update(last_attempt_at=NOW, attempts=3, state=state, error="It answered 500.")


def test_each_item_gets_one_call_due_at_once_with_a_key_of_its_own() -> None:
    items = items_of_a_sunset()
    assert write(items) == set(items)
    assert write(items, now=NOW + DAY) == set(items)
    calls = list(ExecutorCall.objects.all())
    assert [call.item_id for call in calls] == items
    assert len({call.key for call in calls}) == 3
    assert {(c.executor, c.state, c.next_attempt_at, c.attempts) for c in calls} == {
        ("webhook:bot", State.PENDING, NOW, 0)
    }


def test_what_was_given_up_is_due_again_under_its_old_key() -> None:
    items = items_of_a_sunset()
    write(items)
    told(items[0], state=State.GIVEN_UP)
    keys = [call.key for call in ExecutorCall.objects.all()]
    assert write([items[0]], now=NOW + DAY) == {items[0]}
    again = ExecutorCall.objects.get(item_id=items[0])
    assert (again.state, again.attempts, again.error) == (State.PENDING, 0, "")
    assert again.next_attempt_at == NOW + DAY
    assert [call.key for call in ExecutorCall.objects.all()] == keys


def test_what_was_acknowledged_is_not_told_again() -> None:
    items = items_of_a_sunset(1)
    write(items)
    told(*items, state=State.ACKNOWLEDGED)
    write(items, now=NOW + DAY)
    assert ExecutorCall.objects.get().state == State.ACKNOWLEDGED


def test_restore_goes_only_to_items_the_executor_ever_heard_of() -> None:
    silent, heard, carried_out = items = items_of_a_sunset()
    write(items)
    told(heard)
    told(carried_out, state=State.ACKNOWLEDGED)
    assert write(items, RESTORE, NOW + DAY) == {heard, carried_out}
    states = {
        (call.item_id, call.operation): call.state for call in ExecutorCall.objects.order_by("id")
    }
    assert states == {
        (silent, "sunset"): State.WITHDRAWN,
        (heard, "sunset"): State.WITHDRAWN,
        (carried_out, "sunset"): State.ACKNOWLEDGED,
        (heard, "restore"): State.PENDING,
        (carried_out, "restore"): State.PENDING,
    }


def test_restore_does_not_withdraw_itself() -> None:
    items = items_of_a_sunset(1)
    write(items)
    told(*items, state=State.ACKNOWLEDGED)
    write(items, RESTORE)
    write(items, RESTORE)
    restore = ExecutorCall.objects.get(operation=RESTORE)
    assert restore.state == State.PENDING


def test_nothing_is_written_for_no_items() -> None:
    assert write([]) == write([], RESTORE) == set()
    assert not ExecutorCall.objects.exists()
