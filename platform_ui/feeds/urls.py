"""Addresses of the feeds. Names may hold slashes, so what is asked of them stands last."""

from django.urls import URLPattern, path

from platform_ui.feeds import views

MODULE = "modules/<str:ecosystem>/<path:name>"

urlpatterns: list[URLPattern] = [
    path(f"{MODULE}/badge/<slug:kind>.svg", views.badge, name="feed_badge"),
]
