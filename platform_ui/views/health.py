"""Health: whether the process is up, whether it can work, and figures for a monitor."""

import os
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis import Redis, RedisError
from rest_framework.request import Request
from rest_framework.views import APIView

from lifecycle.selectors.executor_calls import call_figures
from lifecycle.selectors.findings import finding_counts
from lineage.models import Deployment, IngestRun, Module, Version
from lineage.selectors.freshness import freshness
from lineage.services.snapshot import current

REDIS_TIMEOUT = 2


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything a request or a job needs is there, else 503 naming what is not."""
    problems = {}
    for name, check in CHECKS.items():
        try:
            problem = check()
        except (DatabaseError, OSError, RedisError) as error:
            problem = type(error).__name__
        if problem:
            problems[name] = problem
    status = "unready" if problems else "ready"
    return JsonResponse({"status": status, "problems": problems}, status=503 if problems else 200)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} migrations are not applied" if plan else ""


def _broker() -> str:
    if settings.REDIS_URL:
        Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT).ping()
        return ""
    return "" if os.access(settings.BROKER_DIR, os.W_OK) else "cannot write to the broker's folder"


def _snapshot() -> str:
    current(timezone.now())
    return ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "snapshot": _snapshot,
}


class MetricsView(APIView):
    """Figures in Prometheus' text format; needs a token that may read."""

    schema = None

    def get(self, request: Request) -> HttpResponse:
        """Counts, the epoch and the age of the data."""
        now = timezone.now()
        fresh = freshness(now)
        age = (now - fresh.data_at).total_seconds() if fresh.data_at else -1.0
        figures: list[tuple[str, str, float]] = [
            ("sundial_modules", "", Module.objects.count()),
            ("sundial_versions", "", Version.objects.count()),
            ("sundial_live_deployments", "", Deployment.objects.live().count()),
            ("sundial_epoch", "", fresh.epoch),
            ("sundial_snapshot_epoch", "", fresh.snapshot_epoch),
            ("sundial_data_age_seconds", "", age),
            ("sundial_ingest_runs", "", IngestRun.objects.count()),
        ]
        figures += [
            ("sundial_open_findings", f'{{rule="{rule}"}}', count)
            for rule, count in finding_counts().items()
        ]
        calls = call_figures(now)
        waits = (now - calls.oldest_due_at).total_seconds() if calls.oldest_due_at else 0.0
        figures += [
            ("sundial_executor_calls", f'{{state="{state}"}}', count)
            for state, count in calls.states.items()
        ]
        figures.append(("sundial_executor_oldest_due_seconds", "", waits))
        lines = [f"{name}{labels} {value:g}" for name, labels, value in figures]
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")
