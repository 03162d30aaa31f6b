"""Upgrade requests: who was asked for what, and how far it has come."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from lifecycle.exceptions import UnknownThing
from lifecycle.models import UpgradeRequest
from lineage.selectors.paging import DEFAULT_SIZE, Slice, bounds


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Empty fields filter nothing; names are modules' and teams'. ``state`` may be ``closed``."""

    state: str = ""
    consumer: str = ""
    dependency: str = ""
    ecosystem: str = ""  # of the dependency
    owner: str = ""  # of the consumer
    campaign: int | None = None


def requests_matching(filter: RequestFilter) -> "QuerySet[UpgradeRequest]":
    """The requests a filter lets through, newest first; ``open`` means not closed."""
    found = UpgradeRequest.objects.select_related(
        "consumer__owner", "dependency__owner", "published_version", "campaign"
    ).order_by("-requested_at", "-id")
    if filter.state == "open":
        found = found.filter(closed_at=None)
    elif filter.state == "closed":
        found = found.filter(closed_at__isnull=False)
    elif filter.state:
        found = found.filter(state=filter.state)
    equal = {
        "consumer__name": filter.consumer,
        "dependency__name": filter.dependency,
        "dependency__ecosystem": filter.ecosystem,
        "consumer__owner__name": filter.owner,
        "campaign_id": filter.campaign,
    }
    return found.filter(**{name: value for name, value in equal.items() if value})


def request_list(
    filter: RequestFilter, *, page: int = 1, size: int = DEFAULT_SIZE
) -> Slice[UpgradeRequest]:
    """A page of them."""
    start, stop = bounds(page, size)
    found = requests_matching(filter)
    return Slice(list(found[start:stop]), found.count(), max(page, 1), stop - start)


def request_states(filter: RequestFilter) -> dict[str, int]:
    """State -> how many the filter lets through: the progress of what was asked."""
    rows = requests_matching(filter).order_by().values_list("state")
    return dict(rows.annotate(number=Count("id")))


def request_by_id(pk: int) -> UpgradeRequest:
    """One request; raises UnknownThing."""
    rows = UpgradeRequest.objects.select_related(
        "consumer__owner", "dependency__owner", "published_version", "campaign"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise UnknownThing("upgrade request")
    return found
