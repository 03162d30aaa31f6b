"""How plans, sunsets and the emergency stop look in JSON."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifecycle.models import EmergencyStop, Sunset, SunsetItem
from lifecycle.policies.terms import Terms
from lifecycle.services.sunsets import Force
from platform_ui.api.lifecycle_shapes import IdList
from platform_ui.api.lineage_shapes import BlockerShape, Shape

MOST_DAYS = 3_650


class WindowShape(Shape):
    """The hours in which things go; weekdays count from 0, Monday."""

    weekdays = serializers.ListField(child=serializers.IntegerField())
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    zone = serializers.CharField()


class TermsShape(Shape):
    """Under which terms it would go: the strictest of the policies concerned."""

    grace_days = serializers.SerializerMethodField()
    ownerless_wait_days = serializers.SerializerMethodField()
    restorable_days = serializers.SerializerMethodField()
    window = WindowShape()
    batch_size = serializers.IntegerField()
    daily_cap = serializers.IntegerField(help_text="Items a day; 0: no cap.")
    executor = serializers.CharField()

    def get_grace_days(self, terms: Terms) -> float:
        return terms.grace / timedelta(days=1)

    def get_ownerless_wait_days(self, terms: Terms) -> float:
        return terms.ownerless_wait / timedelta(days=1)

    def get_restorable_days(self, terms: Terms) -> float:
        return terms.restorable_for / timedelta(days=1)


class PlanItemShape(Shape):
    """One version or deployment that would go."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes fields off the class
    ecosystem = serializers.CharField()
    module = serializers.CharField()
    version = serializers.CharField()
    owner = serializers.CharField()
    detail = serializers.CharField()


class PlanShape(Shape):
    """A dry run. Executing it does exactly the items, while the hash is that of the data.

    ``waits`` are the blockers that time or a delivery takes away: with nothing else in the
    way it can be announced.
    """

    title = serializers.CharField()
    hash = serializers.CharField()
    items = PlanItemShape(many=True)
    blockers = BlockerShape(many=True)
    waits = BlockerShape(many=True)
    reasons = serializers.ListField(child=serializers.CharField())
    terms = TermsShape()
    epoch = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    restorable_until = serializers.DateTimeField()


class PlanRequestShape(serializers.Serializer[Any]):
    """What is to go: open findings by id, or one line of a module."""

    findings = IdList(max_length=500, required=False)
    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(required=False, max_length=256)
    line = serializers.CharField(required=False, max_length=260)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        has_line = "module" in attrs and "line" in attrs
        if has_line == bool(attrs.get("findings")) or (("module" in attrs) != ("line" in attrs)):
            raise serializers.ValidationError("Name either findings, or a module and its line.")
        return attrs


class ReasonShape(serializers.Serializer[Any]):
    """Why, for the audit."""

    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class StatedReasonShape(serializers.Serializer[Any]):
    """Why, for the audit; it must be said."""

    reason = serializers.CharField(max_length=2_000)


class ExecuteShape(PlanRequestShape):
    """The same request, confirmed by the hash of its plan."""

    hash = serializers.CharField(min_length=64, max_length=64)
    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class ForceShape(serializers.Serializer[Any]):
    """Overrule use, grace, freezes and the window; never a notice nor an exemption."""

    reason = serializers.CharField(max_length=2_000)
    typed_name = serializers.CharField(max_length=600, help_text="The title, typed by hand.")


class AnnounceShape(ExecuteShape):
    """The same request, confirmed by its hash, with at least the policy's grace."""

    grace_days = serializers.IntegerField(
        min_value=0, max_value=MOST_DAYS, required=False, allow_null=True
    )
    force = ForceShape(required=False, allow_null=True)


class GoOnShape(ReasonShape):
    """Let it go on now, or force it."""

    force = ForceShape(required=False, allow_null=True)


class RestoreShape(ReasonShape):
    """Why a sunset is taken back; ``items`` are the ids of those, all of it if left out."""

    items = IdList(max_length=5_000, required=False, allow_null=True)


def force_of(values: dict[str, Any]) -> Force | None:
    """What a request says about force."""
    said = values.get("force")
    return Force(said["reason"], said["typed_name"]) if said else None


class NamedBlockerShape(serializers.Serializer[Any]):
    """What stood in the way when it was last looked at."""

    kind = serializers.CharField()
    name = serializers.CharField()
    detail = serializers.CharField()
    owner = serializers.CharField()
    ecosystem = serializers.CharField()
    module = serializers.CharField()
    version = serializers.CharField()


class SunsetShape(serializers.ModelSerializer[Sunset]):
    """A plan that was confirmed, and how far on its way it is."""

    blockers = NamedBlockerShape(many=True, read_only=True)

    class Meta:
        model = Sunset
        fields = (
            "id", "title", "kind", "state", "plan_hash", "reason", "evidence", "epoch", "made_by",
            "made_at", "changed_at", "next_step_at", "grace_until", "executed_at", "blockers",
            "is_forced", "force_reason", "cancelled_by", "cancelled_at", "purged_at",
            "restorable_until", "restored_by", "restored_at",
        )  # fmt: skip


class SunsetItemShape(serializers.ModelSerializer[SunsetItem]):
    """One thing it listed, and the state it is truly in."""

    kind = serializers.SerializerMethodField()
    blockers = serializers.SerializerMethodField()

    class Meta:
        model = SunsetItem
        fields = ("id", "kind", "label", "state", "changed_at", "executed_at", "blockers", "error")

    def get_kind(self, item: SunsetItem) -> str:
        return "version" if item.version_id else "deployment"

    @extend_schema_field(NamedBlockerShape(many=True))
    def get_blockers(self, item: SunsetItem) -> Any:
        return item.blockers


class StopShape(serializers.ModelSerializer[EmergencyStop]):
    """An emergency stop of everything."""

    class Meta:
        model = EmergencyStop
        fields = ("reason", "started_by", "started_at", "ended_by", "ended_at")


class StandingStopShape(Shape):
    """Whether everything is stopped now, and by whom."""

    is_stopped = serializers.BooleanField()
    stop = StopShape(allow_null=True)
