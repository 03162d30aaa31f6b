"""The form that asks for a new API token."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User

from platform_ui.accounts.scopes import SCOPES, scopes_of

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "No end"))


class TokenForm(forms.Form):
    """Name, scopes and lifetime of a token; offers only the scopes its owner has."""

    name = forms.CharField(max_length=100)
    scopes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    lifetime = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = scopes_of(user)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101 narrows the type
        scopes.choices = [(name, name) for name in SCOPES if name in held]

    def expires_at(self, now: datetime) -> datetime | None:
        """When the asked-for token ends."""
        days = self.cleaned_data["lifetime"]
        return now + timedelta(days=int(days)) if days else None
