"""How campaigns look in JSON."""

from typing import Any

from rest_framework import serializers

from platform_ui.api.lineage_shapes import ModuleRefShape, Shape


class CampaignShape(Shape):
    """A range that is being drained; consumers and deployments are those left when last read."""

    id = serializers.IntegerField(source="campaign.pk")
    module = ModuleRefShape(source="campaign.module")
    line = serializers.CharField(source="campaign.line")
    why = serializers.CharField(source="campaign.reason")
    state = serializers.CharField(source="campaign.state")
    deadline = serializers.DateTimeField(source="campaign.deadline")
    is_overdue = serializers.BooleanField()
    consumers = serializers.IntegerField(help_text="Distinct modules that use it or are held.")
    deployments = serializers.IntegerField(help_text="Live deployments that reach it.")
    began_with = serializers.IntegerField(help_text="Consumers when it began.")
    remind_every_days = serializers.IntegerField(source="campaign.remind_every_days")
    reminded_at = serializers.DateTimeField(source="campaign.reminded_at", allow_null=True)
    started_by = serializers.CharField(source="campaign.started_by")
    started_at = serializers.DateTimeField(source="campaign.started_at")
    ended_by = serializers.CharField(source="campaign.ended_by")
    ended_at = serializers.DateTimeField(source="campaign.ended_at", allow_null=True)
    sunset = serializers.IntegerField(
        source="campaign.sunset_id", allow_null=True, help_text="The sunset it ended in."
    )


class ReadingShape(Shape):
    """Who was left at the end of a day."""

    day = serializers.DateField()
    consumers = serializers.IntegerField()
    deployments = serializers.IntegerField()


class StartCampaignShape(serializers.Serializer[Any]):
    """Which line of which module is to be left by when, and why."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(max_length=256)
    line = serializers.CharField(max_length=260, help_text="Such as 1.x or 1.4.x.")
    deadline = serializers.DateTimeField()
    reason = serializers.CharField(max_length=2_000)
    remind_every_days = serializers.IntegerField(default=7, min_value=1, max_value=365)


class CancelCampaignShape(serializers.Serializer[Any]):
    """Why a campaign is given up."""

    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class RemindedShape(Shape):
    """How many owners were told; nobody counts as one."""

    owners = serializers.IntegerField()
