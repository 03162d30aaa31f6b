"""People, teams and notices for the channels, and what they hear."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User

from lifecycle.models import Delivery, Notice, Preference, Webhook
from lifecycle.outbound import new_secret
from lifecycle.services.deliver import send_due
from lifecycle.services.fan_out import fan_out
from lifecycle.services.notices import deliver_due, write_notices
from lineage.models import Team
from tests.factories.lifecycle import NOW
from tests.factories.people import person


def reader(name: str, *teams: str, is_staff: bool = False) -> User:
    """Somebody with a mail address, in these teams."""
    user = person(name, *teams, is_staff=is_staff)
    user.email = f"{name}@example.com"
    user.save()
    return user


def wants(whose: User | Team, channel: str = "email", **stated: object) -> Preference:
    """A preference of a person or a team."""
    owner = {"user": whose} if isinstance(whose, User) else {"team": whose}
    return Preference.objects.create(**owner, channel=channel, **stated)


def notice(
    team: str | None, title: str, *items: str, kind: str = "deprecated", now: datetime = NOW,
    module_ids: Iterable[int] = (), user: User | None = None,
) -> Notice:  # fmt: skip
    """A notice in the outbox; without a team or user for the operators."""
    modules = list(module_ids)
    rows = [
        {"subject": f"s:{label}", "label": label, "detail": "so it is"}
        | ({"module": modules[place]} if modules else {})
        for place, label in enumerate(items)
    ]
    owner = Team.objects.get_or_create(name=team)[0] if team else None
    row = Notice(
        team=owner, user=user, title=title, items=rows, kind=kind, created_at=now,
        dedupe_key=f"{team}:{title}",
    )  # fmt: skip
    write_notices([row])
    return Notice.objects.get(dedupe_key=row.dedupe_key)


def hook(url: str, name: str = "bot", **stated: object) -> Webhook:
    """A webhook of the platform."""
    stated = {"secret": new_secret(), "created_by": "olga", "created_at": NOW, **stated}
    return Webhook.objects.create(name=name, url=url, **stated)


def spread(now: datetime = NOW) -> int:
    """Put what was written into inboxes and queues."""
    deliver_due(now)
    return fan_out(now)


def send_all(now: datetime) -> None:
    """Send what is due until nothing is."""
    while send_due(now):
        pass


def states() -> dict[str, str]:
    """Title -> state of every delivery."""
    return dict(Delivery.objects.order_by("id").values_list("title", "state"))
