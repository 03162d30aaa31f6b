"""What people watch or mute, and how they and their teams want to hear."""

from django.conf import settings
from django.db import models

from lifecycle.events import Urgency
from lifecycle.schedule import Mode, Schedule
from lineage.models import Module, Team


class Subscription(models.Model):
    """That a person watches, or mutes, what matches all that it names.

    Owners hear of what concerns them without any: these add to it, or take from it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions"
    )
    module = models.ForeignKey(Module, null=True, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=128, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    is_muted = models.BooleanField(default=False)
    key = models.CharField(max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["user_id", "key"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="subscription_unique")]

    def __str__(self) -> str:
        return f"{self.user_id} {'mutes' if self.is_muted else 'watches'} {self.key}"


class Preference(models.Model):
    """How a person or a team wants to hear over one channel."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="preferences"
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="preferences")
    channel = models.CharField(max_length=32)
    target = models.CharField(max_length=500, blank=True, help_text="empty for the known address")
    is_enabled = models.BooleanField(default=True)
    mode = models.CharField(
        max_length=16,
        choices=[(mode.value, mode.value) for mode in Mode],
        default=Mode.DIGEST.value,
    )
    hour = models.PositiveSmallIntegerField(default=9)
    weekday = models.PositiveSmallIntegerField(null=True, help_text="0 is Monday; empty for daily")
    time_zone = models.CharField(max_length=64, default="UTC")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    minimum_urgency = models.PositiveSmallIntegerField(
        choices=[(urgency.value, urgency.name.lower()) for urgency in Urgency],
        default=Urgency.LOW.value,
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="preference_is_of_one",
            ),
            models.UniqueConstraint(fields=["user", "channel"], name="preference_of_user"),
            models.UniqueConstraint(fields=["team", "channel"], name="preference_of_team"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="preference_hour"),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True) | models.Q(weekday__lte=6),
                name="preference_weekday",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.recipient}"

    @property
    def recipient(self) -> str:
        """Who is meant, as deliveries name them."""
        return f"user:{self.user_id}" if self.user_id else f"team:{self.team_id}"

    @property
    def schedule(self) -> Schedule:
        """When messages may go out."""
        return Schedule(
            Mode(self.mode), self.hour, self.weekday, self.time_zone,
            self.quiet_from, self.quiet_until,
        )  # fmt: skip
