"""Deployments: lists and filters."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import F, Min, QuerySet
from django.db.models.expressions import OrderBy

from lineage.exceptions import UnknownDeployment
from lineage.models import Deployment, DeploymentMark
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds

SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    "-started": ("-started_at", "-id"),
    "started": ("started_at", "id"),
    "expires": (F("expires_at").asc(nulls_last=True), "id"),
    "-used": (F("last_used_at").desc(nulls_last=True), "-id"),
}
STATES = ("live", "expired", "ended", "all")


@dataclass(frozen=True, slots=True)
class DeploymentFilter:
    """Empty fields filter nothing.

    ``as_of`` asks about a past instant, ``expires_on`` about one day's expiries, in UTC.
    """

    q: str = ""
    ecosystem: str = ""
    module: str = ""
    version: str = ""
    environment: str = ""
    tier: str = ""
    state: str = "live"
    owner: str = ""
    as_of: datetime | None = None
    expires_on: date | None = None
    sort: str = "-started"


def deployments_matching(filter: DeploymentFilter, *, now: datetime) -> "QuerySet[Deployment]":
    """The deployments a filter lets through, newest first."""
    found = _in_state(filter, now)
    equal = {
        "version__module__name": filter.module,
        "version__module__ecosystem": filter.ecosystem,
        "version__version": filter.version,
        "environment__name": filter.environment,
        "environment__tier": filter.tier,
        "version__module__owner__name": filter.owner,
    }
    found = found.filter(**{field: value for field, value in equal.items() if value})
    for word in filter.q.split():
        found = found.filter(key__icontains=word)
    if filter.expires_on is not None:
        start = datetime.combine(filter.expires_on, time(0), tzinfo=UTC)
        found = found.filter(expires_at__gte=start, expires_at__lt=start + timedelta(days=1))
    return found


def _in_state(filter: DeploymentFilter, now: datetime) -> "QuerySet[Deployment]":
    deployments = Deployment.objects.all()
    if filter.as_of is not None:
        return deployments.live_at(filter.as_of)
    match filter.state:
        case "expired":
            return deployments.expired(now)
        case "ended":
            return deployments.filter(ended_at__isnull=False)
        case "all":
            return deployments
        case _:
            return deployments.live()


def deployment_list(
    filter: DeploymentFilter, *, now: datetime, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[Deployment]:
    """A page of deployments with version, module, owner and environment at hand."""
    start, stop = bounds(page, size)
    found = deployments_matching(filter, now=now)
    rows = found.select_related("version__module__owner", "environment", "source").order_by(
        *SORTS.get(filter.sort, SORTS["-started"])
    )
    return Slice(list(rows[start:stop]), found.count(), max(page, 1), stop - start)


def live_deployment(key: str) -> Deployment:
    """The live deployment of a key; raises UnknownDeployment."""
    found = Deployment.objects.live().filter(key=key).select_related("version__module").first()
    if found is None:
        raise UnknownDeployment(key)
    return found


def usage_reported_since() -> dict[int, datetime]:
    """Source -> since when it reports use; those that never did are left out."""
    marks = DeploymentMark.objects.filter(kind=DeploymentMark.Kind.USED, source__isnull=False)
    return dict(marks.order_by().values_list("source_id").annotate(since=Min("at")))
