"""The Django project: settings, wiring and all HTML."""

from platform_ui.celery import app as celery_app

__all__ = ["celery_app"]
