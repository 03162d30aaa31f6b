"""Addresses of the feeds. Names may hold slashes, so what is asked of them stands last."""

from django.urls import URLPattern, path

from platform_ui.feeds import views

MODULE = "modules/<str:ecosystem>/<path:name>"
TEAM = "teams/<path:name>"

urlpatterns: list[URLPattern] = [
    path(f"{MODULE}/badge/<slug:kind>.svg", views.badge, name="feed_badge"),
    path(f"{MODULE}/feed.atom", views.module_atom, name="module_atom"),
    path(f"{MODULE}/calendar.ics", views.module_calendar, name="module_calendar"),
    path(f"{TEAM}/feed.atom", views.team_atom, name="team_atom"),
    path(f"{TEAM}/calendar.ics", views.team_calendar, name="team_calendar"),
    path("calendar.ics", views.calendar, name="feed_calendar"),
]
