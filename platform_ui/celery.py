"""The Celery application, its queues and the beat schedule."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_ui.settings")

app = Celery("sundial")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "refresh-snapshot": {"task": "lineage.tasks.refresh_snapshot", "schedule": 60.0},
    "sweep": {"task": "lifecycle.tasks.sweep", "schedule": crontab(minute="*/15")},
    "sweep-if-changed": {"task": "lifecycle.tasks.sweep_if_changed", "schedule": 60.0},
    "drive-sunsets": {"task": "lifecycle.tasks.drive_sunsets", "schedule": 60.0},
    "send-executor-calls": {"task": "lifecycle.tasks.send_executor_calls", "schedule": 10.0},
    "run-backtests": {"task": "lifecycle.tasks.run_backtests", "schedule": 60.0},
    "drive-campaigns": {"task": "lifecycle.tasks.drive_campaigns", "schedule": 60.0},
    "deliver-notices": {"task": "lifecycle.tasks.deliver_notices", "schedule": 60.0},
    "send-deliveries": {"task": "lifecycle.tasks.send_deliveries", "schedule": 30.0},
    "forget-deliveries": {
        "task": "lifecycle.tasks.forget_deliveries",
        "schedule": crontab(hour=3, minute=17),
    },
    "chain-audit": {"task": "lifecycle.tasks.chain_audit", "schedule": 60.0},
    "check-audit": {"task": "lifecycle.tasks.check_audit", "schedule": crontab(minute=40)},
}
