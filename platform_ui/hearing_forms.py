"""What people fill in about how they hear; what may be said is decided by the services."""

from datetime import time
from typing import Any

from django import forms

from lifecycle.events import KINDS, Urgency
from lifecycle.models import Webhook
from lifecycle.schedule import Mode, time_zones
from lifecycle.services.preferences import Wish
from lifecycle.services.webhooks import WebhookWish

WEEKDAYS = (
    ("", "every day"), ("0", "Monday"), ("1", "Tuesday"), ("2", "Wednesday"), ("3", "Thursday"),
    ("4", "Friday"), ("5", "Saturday"), ("6", "Sunday"),
)  # fmt: skip
KIND_CHOICES = (
    ("version.published", "any version published"),
    *((kind.name, kind.title) for kind in KINDS if kind.name != "webhook.ping"),
)


class PreferenceForm(forms.Form):
    """One channel of a person or team."""

    channel = forms.CharField(max_length=32)
    is_enabled = forms.BooleanField(required=False)
    target = forms.CharField(max_length=500, required=False)
    mode = forms.ChoiceField(choices=[(m.value, m.value) for m in Mode])
    hour = forms.IntegerField(min_value=0, max_value=23)
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, required=False, coerce=int, empty_value=None)
    time_zone = forms.ChoiceField(choices=lambda: [(z, z) for z in sorted(time_zones())])
    quiet_from = forms.TimeField(required=False)
    quiet_until = forms.TimeField(required=False)
    minimum_urgency = forms.TypedChoiceField(
        choices=[(u.value, u.name.lower()) for u in Urgency], coerce=int
    )

    def wish(self) -> Wish:
        """What was filled in."""
        return Wish(**self.cleaned_data)


class WatchForm(forms.Form):
    """Something to watch or to mute."""

    module = forms.CharField(max_length=300, required=False)
    ecosystem = forms.CharField(max_length=32, required=False)
    team = forms.CharField(max_length=128, required=False)
    environment = forms.CharField(max_length=128, required=False)
    kind = forms.ChoiceField(choices=[("", "anything"), *KIND_CHOICES], required=False)
    is_muted = forms.BooleanField(required=False)


class WebhookForm(forms.Form):
    """A webhook."""

    name = forms.CharField(max_length=128)
    url = forms.CharField(max_length=2048)
    events = forms.MultipleChoiceField(
        choices=KIND_CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    purpose = forms.ChoiceField(choices=Webhook.Purpose.choices, required=False)
    team = forms.CharField(max_length=128, required=False)
    is_enabled = forms.BooleanField(required=False)

    def wish(self) -> WebhookWish:
        """What was filled in."""
        said: dict[str, Any] = dict(self.cleaned_data)
        return WebhookWish(
            name=said["name"],
            url=said["url"],
            events=said["events"],
            purpose=said["purpose"] or Webhook.Purpose.NOTICES,
            is_enabled=said["is_enabled"],
        )


def clock(at: time | None) -> str:
    """A time as a field of a form holds it."""
    return at.strftime("%H:%M") if at else ""
