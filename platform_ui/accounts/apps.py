"""The accounts app: memberships and API tokens."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "platform_ui.accounts"
    label = "accounts"
