"""The lifecycle app: what is flagged, sunset, restored and told to whom."""

from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"
