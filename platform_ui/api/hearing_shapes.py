"""How preferences, subscriptions, webhooks and deliveries look in JSON."""

from typing import Any

from rest_framework import serializers

from lifecycle.events import Urgency
from lifecycle.models import Delivery, DeliveryAttempt, Preference, Subscription, Webhook
from lifecycle.schedule import Mode
from lifecycle.selectors.hearing import shown_target
from platform_ui.api.lineage_shapes import ModuleRefShape, OwnerField, Shape

URGENCIES = [urgency.name.lower() for urgency in Urgency]


class UrgencyField(serializers.ChoiceField):
    """An urgency by its word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=URGENCIES, **kwargs)

    def to_representation(self, value: Any) -> str:
        return URGENCIES[int(value)]

    def to_internal_value(self, data: Any) -> Any:
        return URGENCIES.index(str(super().to_internal_value(data)))


class PreferenceShape(serializers.ModelSerializer[Preference]):
    """How a person or a team hears over one channel; of a person where ``team`` is null."""

    team = OwnerField()
    minimum_urgency = UrgencyField()

    class Meta:
        model = Preference
        fields = (
            "id", "team", "channel", "target", "is_enabled", "mode", "hour", "weekday",
            "time_zone", "quiet_from", "quiet_until", "minimum_urgency",
        )  # fmt: skip


class WishShape(serializers.Serializer[Any]):
    """How somebody wants to hear; ``team`` left out means oneself."""

    team = serializers.CharField(max_length=128, required=False)
    channel = serializers.CharField(max_length=32)
    target = serializers.CharField(max_length=500, allow_blank=True, default="")
    is_enabled = serializers.BooleanField(default=True)
    mode = serializers.ChoiceField(choices=[mode.value for mode in Mode], default="digest")
    hour = serializers.IntegerField(min_value=0, max_value=23, default=9)
    weekday = serializers.IntegerField(min_value=0, max_value=6, allow_null=True, default=None)
    time_zone = serializers.CharField(max_length=64, default="UTC")
    quiet_from = serializers.TimeField(allow_null=True, default=None)
    quiet_until = serializers.TimeField(allow_null=True, default=None)
    minimum_urgency = UrgencyField(default=Urgency.LOW.value)


class SubscriptionShape(serializers.ModelSerializer[Subscription]):
    """Something a person watches or mutes: what matches all that is named."""

    module = ModuleRefShape(allow_null=True)
    team = OwnerField()

    class Meta:
        model = Subscription
        fields = ("id", "module", "team", "environment", "kind", "is_muted", "created_at")


class WatchShape(serializers.Serializer[Any]):
    """Something to watch, or to mute."""

    ecosystem = serializers.CharField(max_length=32, default="platform")
    module = serializers.CharField(max_length=256, required=False)
    team = serializers.CharField(max_length=128, required=False)
    environment = serializers.CharField(max_length=128, allow_blank=True, default="")
    kind = serializers.CharField(max_length=32, allow_blank=True, default="")
    is_muted = serializers.BooleanField(default=False)


class WebhookShape(serializers.ModelSerializer[Webhook]):
    """A webhook; its secret is shown when it is made, and never again."""

    team = OwnerField()

    class Meta:
        model = Webhook
        fields = (
            "id", "name", "url", "purpose", "team", "events", "is_enabled", "disabled_reason",
            "created_by", "created_at", "previous_until", "failures", "open_until",
        )  # fmt: skip


class WebhookMadeShape(Shape):
    """A webhook with its secret, this once."""

    webhook = WebhookShape()
    secret = serializers.CharField()


class SecretShape(Shape):
    """A new secret, this once."""

    secret = serializers.CharField()


class WebhookWishShape(serializers.Serializer[Any]):
    """What somebody wants of a webhook."""

    name = serializers.CharField(max_length=128)
    url = serializers.CharField(max_length=2048)
    events = serializers.ListField(
        child=serializers.CharField(max_length=32), max_length=50, default=list
    )
    is_enabled = serializers.BooleanField(default=True)


class NewWebhookShape(WebhookWishShape):
    """A webhook to make; ``team`` left out makes one of the platform, by operators."""

    team = serializers.CharField(max_length=128, required=False)
    purpose = serializers.ChoiceField(choices=Webhook.Purpose.values, default="notices")


class DeliveryShape(serializers.ModelSerializer[Delivery]):
    """A message on its way, or at its end."""

    webhook = serializers.IntegerField(source="webhook_id", allow_null=True)
    target = serializers.SerializerMethodField()

    class Meta:
        model = Delivery
        fields = (
            "id", "channel", "webhook", "target", "message_id", "title", "state", "attempts",
            "due_at", "created_at", "finished_at", "error",
        )  # fmt: skip

    def get_target(self, row: Delivery) -> str:
        return shown_target(row)


class AttemptShape(serializers.ModelSerializer[DeliveryAttempt]):
    """One try at a message."""

    class Meta:
        model = DeliveryAttempt
        fields = ("number", "at", "seconds", "is_success", "answered", "response", "error")


class DeliveryDetailShape(Shape):
    """A message with what it says and every try at it."""

    delivery = DeliveryShape(source="*")
    payload = serializers.JSONField()
    tries = AttemptShape(many=True)
