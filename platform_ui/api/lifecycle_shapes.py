"""How judgements look in JSON."""

from typing import Any

from django.db.models import BigIntegerField
from rest_framework import serializers

from lifecycle.models import Finding, Notice
from platform_ui.api.lineage_shapes import ModuleRefShape, OwnerField, Shape


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


class IdList(serializers.ListField):
    """Ids of rows, none larger than a database holds."""

    child = serializers.IntegerField(min_value=1, max_value=BigIntegerField.MAX_BIGINT)


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
