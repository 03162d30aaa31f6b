"""How sources and their inventories look in JSON."""

from rest_framework import serializers

from lineage.cadence import Standing
from lineage.ingest.values import MAX_DURATION
from lineage.models import Inventory
from platform_ui.api.lineage_shapes import DeploymentShape, Shape

MOST_SECONDS = int(MAX_DURATION.total_seconds())


class SourceShape(Shape):
    """Where records come from."""

    name = serializers.CharField(source="source.name")
    cadence = serializers.IntegerField(
        source="source.expected_every", allow_null=True, help_text="Seconds it is held to."
    )
    stated_cadence = serializers.IntegerField(
        source="source.cadence", allow_null=True, help_text="Seconds, as it says itself."
    )
    is_simulated = serializers.BooleanField(source="source.is_simulated")
    first_seen_at = serializers.DateTimeField(source="source.first_seen_at")
    last_seen_at = serializers.DateTimeField(source="source.last_seen_at")
    expected_at = serializers.DateTimeField(allow_null=True)
    ecosystems = serializers.ListField(
        child=serializers.CharField(), help_text="Whose deployments it vouches for."
    )
    state = serializers.ChoiceField(choices=[state.value for state in Standing])
    is_quiet = serializers.BooleanField(allow_null=True)
    last_rows = serializers.IntegerField(allow_null=True, help_text="Records its last run took in.")
    holds = serializers.SerializerMethodField(help_text="Ids of its held inventories.")

    def get_holds(self, row: object) -> list[int]:
        return [hold.pk for hold in getattr(row, "holds", ())]


class CadenceShape(Shape):
    """How often a source should speak."""

    cadence = serializers.IntegerField(
        min_value=1, max_value=MOST_SECONDS, allow_null=True, help_text="Seconds."
    )


class DecisionShape(Shape):
    """Why a drop is accepted or dismissed, for the audit."""

    reason = serializers.CharField(default="", allow_blank=True, max_length=2_000)


class UnlistedShape(DeploymentShape):
    """A deployment that an inventory no longer lists."""


class InventoryShape(serializers.ModelSerializer[Inventory]):
    """A full inventory, and what became of what it no longer listed."""

    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        source="source.name"
    )

    class Meta:
        model = Inventory
        fields = (
            "id", "source", "run", "environment", "at", "listed", "vouched", "missing", "ending",
            "ended", "state", "reason", "held_since", "decided_at", "decided_by", "decision",
        )  # fmt: skip
