"""How executor calls look in JSON."""

from typing import Any

from rest_framework import serializers

from lifecycle.models import ExecutorCall
from platform_ui.api.lifecycle_shapes import IdList
from platform_ui.api.lineage_shapes import Shape

MOST_AT_ONCE = 500
REASON_LENGTH = 2_000


class ExecutorCallShape(serializers.ModelSerializer[ExecutorCall]):
    """What an executor is told about one item, and how it fared."""

    item = serializers.CharField(source="item.label")
    sunset = serializers.IntegerField(source="item.sunset_id")

    class Meta:
        model = ExecutorCall
        fields = (
            "id", "key", "executor", "operation", "item", "sunset", "state", "attempts", "error",
            "created_at", "last_attempt_at", "next_attempt_at", "acknowledged_at",
        )  # fmt: skip


class DecideCallsShape(serializers.Serializer[Any]):
    """Which calls an operator decides on, and why."""

    calls = IdList(max_length=MOST_AT_ONCE, allow_empty=False)
    reason = serializers.CharField(max_length=REASON_LENGTH, allow_blank=True, default="")


class DecidedCallsShape(Shape):
    """How many calls it was decided on; the others were in no state for it."""

    calls = serializers.IntegerField()


class AnswerShape(serializers.Serializer[Any]):
    """What an executor says of a call: done, or failed for good with its error."""

    status = serializers.ChoiceField(choices=["done", "failed"], default="done")
    error = serializers.CharField(max_length=REASON_LENGTH, allow_blank=True, default="")


class AnsweredShape(serializers.ModelSerializer[ExecutorCall]):
    """Where the call stands after that."""

    class Meta:
        model = ExecutorCall
        fields = ("key", "operation", "state", "acknowledged_at")
