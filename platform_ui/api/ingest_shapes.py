"""How ingest runs and sources look in JSON."""

from rest_framework import serializers

from lineage.models import IngestIssue, IngestRun
from platform_ui.api.lineage_shapes import Shape


class IngestRunShape(serializers.ModelSerializer[IngestRun]):
    """One document taken in."""

    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        source="source.name"
    )

    class Meta:
        model = IngestRun
        fields = (
            "id", "source", "status", "format", "document", "started_by", "started_at",
            "finished_at", "accepted", "created", "changed", "unchanged", "rejected",
            "conflicts", "revived", "epoch", "error",
        )  # fmt: skip


class IngestIssueShape(serializers.ModelSerializer[IngestIssue]):
    """A record that was not taken as it came."""

    class Meta:
        model = IngestIssue
        fields = ("kind", "line", "field", "reason", "excerpt")


class IngestSummaryShape(Shape):
    """What became of a document; accepted = created + changed + unchanged."""

    run = serializers.IntegerField()
    format = serializers.CharField()
    accepted = serializers.IntegerField()
    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    revived = serializers.IntegerField()
    ended = serializers.IntegerField()
    held = serializers.IntegerField()
    epoch = serializers.IntegerField()
    seconds = serializers.FloatField()
