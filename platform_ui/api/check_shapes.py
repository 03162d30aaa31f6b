"""How the gate's answer looks in JSON, over the API and from the command."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lifecycle.gate import KINDS, Level
from platform_ui.api.lineage_shapes import Shape

WORDS = [level.word for level in Level]


class LevelField(serializers.ChoiceField):
    """A level as its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=WORDS, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(value.word)


class AskedShape(Shape):
    """One thing the manifest wants; ``version`` where it was locked, else ``range``."""

    ecosystem = serializers.CharField()
    module = serializers.CharField()
    range = serializers.CharField()
    version = serializers.CharField()


class ReasonShape(Shape):
    """One trouble with one wanted thing."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    level = LevelField()
    asked = AskedShape()
    version = serializers.CharField(help_text="What it would get; empty for nothing.")
    sentence = serializers.CharField()
    sunset_at = serializers.DateTimeField(allow_null=True)


class FixShape(Shape):
    """The smallest move that clears all reasons of one wanted thing."""

    asked = AskedShape()
    version = serializers.CharField(help_text="To move to.")
    range = serializers.CharField(help_text="What to declare; empty for a locked version.")
    step = serializers.ChoiceField(
        choices=["patch", "minor", "major", "back"],
        help_text="patch: the same minor line; minor: the same major line; back: an older version.",
    )
    sentence = serializers.CharField()


class GatePolicyShape(Shape):
    """By what it was decided."""

    fail = serializers.SerializerMethodField()  # type: ignore[assignment] # DRF takes fields off
    warn = serializers.SerializerMethodField()
    dying_days = serializers.IntegerField()
    max_majors = serializers.IntegerField()
    max_days = serializers.IntegerField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_fail(self, policy: Any) -> list[str]:
        return [kind for kind in KINDS if policy.level(kind) is Level.FAIL]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_warn(self, policy: Any) -> list[str]:
        return [kind for kind in KINDS if policy.level(kind) is Level.WARN]


class CheckShape(Shape):
    """The gate's answer."""

    verdict = LevelField(source="verdict.level")
    checked = serializers.IntegerField(source="verdict.checked", help_text="Distinct things.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), source="verdict.counts", help_text="Reasons by kind."
    )
    reasons = ReasonShape(many=True, source="verdict.reasons")
    fixes = FixShape(many=True)
    format = serializers.CharField(source="manifest.format")
    left_out = serializers.IntegerField(
        source="manifest.left_out", help_text="Parts of an SBOM without identity or version."
    )
    why_left_out = serializers.ListField(
        child=serializers.CharField(), source="manifest.why_left_out", help_text="The first 20."
    )
    policy = GatePolicyShape()
    epoch = serializers.IntegerField()
