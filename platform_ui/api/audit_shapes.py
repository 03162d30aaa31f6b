"""How the audit and the state of its chain look in JSON."""

from rest_framework import serializers

from lifecycle.models import AuditEntry
from platform_ui.api.lineage_shapes import Shape


class AuditShape(serializers.ModelSerializer[AuditEntry]):
    """One step somebody took; without a sequence for the moment until it is chained."""

    class Meta:
        model = AuditEntry
        fields = (
            "id", "sequence", "at", "actor", "action", "subject", "reason", "evidence", "before",
            "after", "hash",
        )  # fmt: skip


class ChainProblemShape(Shape):
    """One thing wrong with the chain; sequence 0 where it has no place in it."""

    kind = serializers.CharField(help_text="missing, altered, reordered, truncated or forged")
    sequence = serializers.IntegerField()
    detail = serializers.CharField()


class ChainCheckShape(Shape):
    """What the last check of the whole chain found."""

    state = serializers.CharField(
        help_text="intact; broken; unproven: no known key vouches for its end; unchecked: none yet."
    )
    checked_at = serializers.DateTimeField(allow_null=True)
    entries = serializers.IntegerField()
    anchor = serializers.CharField(help_text="Its end, SEQUENCE:HASH: keep it elsewhere.")
    problem_count = serializers.IntegerField()
    problems = ChainProblemShape(many=True, help_text="The first hundred.")
    vouched = serializers.IntegerField(
        help_text="Entries under keys no longer known that a later seal vouches for."
    )
    unproven = serializers.IntegerField()
    waiting = serializers.IntegerField()
    seconds = serializers.FloatField()
    is_anchor_there = serializers.BooleanField(
        allow_null=True, help_text="Whether the anchor asked about still stands in the chain."
    )
