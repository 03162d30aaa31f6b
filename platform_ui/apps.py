"""Registers the project itself as an app, for its template tags, commands and checks."""

from django.apps import AppConfig


class PlatformUiConfig(AppConfig):
    name = "platform_ui"
