"""Small platforms with something to retire, and the people who may or may not.

All instants lie in 2024, so that a page, which reads the real clock, and a service,
which is told NOW, judge them alike.
"""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from lifecycle.models import Finding, Sunset
from lifecycle.permissions import Actor
from lifecycle.services.notices import deliver_due
from lifecycle.services.plans import Plan, PlanRequest, plan_for
from lifecycle.services.sunsets import execute_plan
from lifecycle.services.sweep import SweepSummary, sweep
from lineage.models import Requirement, Team, Version
from lineage.services.ingest import IngestSummary, ingest_document
from tests.factories.platform import lines_of

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Record = dict[str, Any]


def ago(days: float) -> str:
    """An instant before NOW, as records state it."""
    return (NOW - days * DAY).isoformat()


def version(module: str, number: str, *needs: str, **stated: Any) -> Record:
    """A version record; ``needs`` are written ``module@range``."""
    return {
        "type": "version",
        "module": module,
        "version": number,
        "published_at": ago(200),
        "dependencies": [
            {"module": name, "range": text} for name, _, text in (n.rpartition("@") for n in needs)
        ],
        **stated,
    }


def deployment(key: str, module: str, number: str, **stated: Any) -> Record:
    """A deployment record; the key ends in its environment."""
    return {
        "type": "deployment",
        "id": key,
        "module": module,
        "version": number,
        "environment": key.rpartition("/")[2],
        "started_at": ago(150),
        **stated,
    }


def ended(key: str, days_ago: float) -> Record:
    """A record that a deployment ended."""
    return {"type": "deployment_ended", "deployment": key, "ended_at": ago(days_ago)}


def take_in(*records: Record, now: datetime = NOW, source: str = "pipeline") -> IngestSummary:
    """Ingest records as one native document; the snapshot is left as it is."""
    return ingest_document(BytesIO(lines_of(records)), source=source, now=now)


# auth 1.x is unused, 2.x is what tv-home runs; a preview of tv-home outlived its TTL.
PLATFORM = (
    version("auth", "1.0.0", owner="identity"),
    version("auth", "1.1.0", owner="identity"),
    version("auth", "2.0.0", owner="identity"),
    version("tv-home", "1.0.0", "auth@^2", owner="tv", kind="script"),
    deployment("tv-home/prod", "tv-home", "1.0.0"),
    deployment("tv-home/preview", "tv-home", "1.0.0", ttl="P7D"),
)


def sweep_and_tell(now: datetime = NOW) -> SweepSummary:
    """Run every rule and deliver what it says."""
    swept = sweep(now)
    deliver_due(now)
    return swept


def flagged_platform() -> None:
    """PLATFORM, swept, its owners told."""
    take_in(*PLATFORM)
    sweep_and_tell()


def open_subjects() -> list[str]:
    """What the open findings are called."""
    return sorted(finding.label for finding in Finding.objects.filter(closed_at=None))


def finding(label: str) -> Finding:
    """The open finding of that name."""
    return next(f for f in Finding.objects.filter(closed_at=None) if f.label == label)


def request_for(*labels: str) -> PlanRequest:
    """A plan for open findings by name."""
    return PlanRequest(finding_ids=tuple(finding(label).pk for label in labels))


def plan_of(*labels: str, now: datetime = NOW) -> Plan:
    """The plan for open findings by name."""
    return plan_for(request_for(*labels), now=now)


def execute(
    *labels: str, actor: Actor | None = None, reason: str = "tidying up", now: datetime = NOW
) -> Sunset:
    """Plan and confirm at one instant, by default as an operator."""
    plan = plan_of(*labels, now=now)
    actor = actor or operator()
    return execute_plan(plan.request, hash=plan.hash, actor=actor, reason=reason, now=now)


def operator() -> Actor:
    """Somebody who may sunset anything."""
    return Actor("olga", is_operator=True, scopes=frozenset({"read", "lifecycle"}))


def member(name: str, *teams: str, scopes: tuple[str, ...] = ("read", "lifecycle")) -> Actor:
    """A person of these teams."""
    ids = frozenset(Team.objects.get_or_create(name=team)[0].pk for team in teams)
    return Actor(name, team_ids=ids, scopes=frozenset(scopes))


def resolutions() -> dict[str, str | None]:
    """Every requirement and what it resolves to."""
    rows = Requirement.objects.select_related("module", "resolved_version")
    return {
        str(row): row.resolved_version.version if row.resolved_version else None for row in rows
    }


def sunset_versions() -> list[str]:
    """The versions that are sunset, by name."""
    rows = Version.objects.filter(sunset_at__isnull=False).select_related("module")
    return sorted(str(row) for row in rows)
