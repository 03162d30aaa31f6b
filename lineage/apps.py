"""The lineage app: what is published, what depends on it, what runs."""

from django.apps import AppConfig


class LineageConfig(AppConfig):
    name = "lineage"
