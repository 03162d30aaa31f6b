"""Mounts the apps' routers under /api/v1/, and the schema."""

from django.urls import URLPattern, URLResolver, path

from platform_ui.api_schema import SchemaView

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
]
