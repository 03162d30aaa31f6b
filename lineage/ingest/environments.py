"""Environments, as events tell of them, into rows."""

from datetime import datetime

from lineage.ingest.deployments import PROD_NAMES, environment_named
from lineage.ingest.known import Known
from lineage.ingest.outcomes import Outcome, read_required_instant
from lineage.ingest.records import EnvironmentEventRecord
from lineage.models import Environment, EnvironmentDeletion

DESCRIBED = ("described_at", "label", "url")


def take_environment_event(known: Known, record: EnvironmentEventRecord) -> Outcome:
    """Describe an environment, or note that it was deleted; the later description stands.

    Events state no tier: it is told by the name, until a record declares it. A deletion
    ends what ran there, and is kept with its instant, so that a deployment or a second
    creation may arrive before or after it.
    """
    at = read_required_instant(record.at, "at")
    names = {record.name.lower(), record.label.lower()}
    tier = "preprod" if PROD_NAMES.isdisjoint(names) else "prod"
    is_new = record.name not in known.environments
    found = environment_named(known, record.name, tier)
    known.writes.flush()
    if record.is_deleted:
        _, is_news = EnvironmentDeletion.objects.get_or_create(environment_id=found.id, at=at)
        if is_news:
            known.touched.ended_environments.add(found.id)
    else:
        is_news = _describe(record, found.id, at)
    known.writes.count += is_news
    if is_new:
        return Outcome.CREATED
    return Outcome.CHANGED if is_news else Outcome.UNCHANGED


def _describe(record: EnvironmentEventRecord, pk: int, at: datetime) -> bool:
    """Write what the event says, unless something later or greater is known."""
    stated = (at, record.label, record.url)
    described_at, *rest = Environment.objects.values_list(*DESCRIBED).get(pk=pk)
    if described_at is not None and (described_at, *rest) >= stated:
        return False
    Environment.objects.filter(pk=pk).update(**dict(zip(DESCRIBED, stated, strict=True)))
    return True
