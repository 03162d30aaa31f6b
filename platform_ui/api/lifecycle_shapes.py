"""How judgements look in JSON."""

from typing import Any

from django.db.models import BigIntegerField
from rest_framework import serializers

from lifecycle.models import Finding, Notice, Sunset, SunsetItem
from platform_ui.api.lineage_shapes import BlockerShape, ModuleRefShape, OwnerField, Shape


class RestsOnShape(Shape):
    """A source a finding rests on, as it stood when the finding was last confirmed."""

    source = serializers.CharField()  # type: ignore[assignment] # DRF takes fields off the class
    state = serializers.CharField(help_text="fresh, late, quiet, held or unknown.")
    last_seen_at = serializers.DateTimeField()


class FindingExemptionShape(Shape):
    """The exemption that keeps it from going."""

    id = serializers.IntegerField()
    reason = serializers.CharField()
    decided_by = serializers.CharField()
    expires_at = serializers.DateTimeField()


class FindingShape(serializers.ModelSerializer[Finding]):
    """What a rule flagged, on which evidence, and what surrounds it."""

    module = ModuleRefShape()
    owner = OwnerField()
    is_actionable = serializers.BooleanField(help_text="Whether it can be sunset.")
    freshness = RestsOnShape(many=True)
    exemption = FindingExemptionShape(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes fields off the class
    deployment = serializers.SlugRelatedField[Any](
        slug_field="key", read_only=True, allow_null=True
    )

    class Meta:
        model = Finding
        fields = (
            "id", "rule", "label", "module", "line", "deployment", "owner", "reason",
            "evidence", "since", "epoch", "first_seen_at", "last_confirmed_at", "closed_at",
            "close_reason", "size", "is_actionable", "policy", "policy_name", "is_automatic",
            "exemption", "frozen_at", "frozen_because", "freshness",
        )  # fmt: skip


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
    """A dry run. Executing it does exactly the items, while the hash is that of the data."""

    title = serializers.CharField()
    hash = serializers.CharField()
    items = PlanItemShape(many=True)
    blockers = BlockerShape(many=True)
    reasons = serializers.ListField(child=serializers.CharField())
    epoch = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    restorable_until = serializers.DateTimeField()


class IdList(serializers.ListField):
    """Ids of rows, none larger than a database holds."""

    child = serializers.IntegerField(min_value=1, max_value=BigIntegerField.MAX_BIGINT)


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


class ExecuteShape(PlanRequestShape):
    """The same request, confirmed by the hash of its plan."""

    hash = serializers.CharField(min_length=64, max_length=64)
    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class RestoreShape(serializers.Serializer[Any]):
    """Why a sunset is taken back."""

    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class SunsetShape(serializers.ModelSerializer[Sunset]):
    """A plan that was confirmed."""

    class Meta:
        model = Sunset
        fields = (
            "id", "title", "state", "plan_hash", "reason", "evidence", "epoch", "made_by",
            "made_at", "executed_at", "restorable_until", "restored_by", "restored_at",
        )  # fmt: skip


class SunsetItemShape(serializers.ModelSerializer[SunsetItem]):
    """One thing that went, and the state it is truly in."""

    kind = serializers.SerializerMethodField()

    class Meta:
        model = SunsetItem
        fields = ("kind", "label", "state")

    def get_kind(self, item: SunsetItem) -> str:
        return "version" if item.version_id else "deployment"


class NoticeShape(serializers.ModelSerializer[Notice]):
    """What was said to a team, or to the operators."""

    team = OwnerField()

    class Meta:
        model = Notice
        fields = (
            "id", "team", "kind", "title", "body", "items", "created_at", "delivered_at",
            "read_at",
        )  # fmt: skip


class MarkReadShape(serializers.Serializer[Any]):
    """Which notices were read."""

    notices = IdList(max_length=500)


class MarkedShape(Shape):
    """How many notices were unread before."""

    marked = serializers.IntegerField()
