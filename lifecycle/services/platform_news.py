"""Tells of sources that went quiet, and notes the steps of sunsets as events."""

from collections import defaultdict
from datetime import datetime, timedelta

from lifecycle.events.data import SourceQuiet, SunsetStep
from lifecycle.models import Event, Notice, Sunset, SunsetItem
from lifecycle.services.events import event, write_events
from lifecycle.services.notices import write_notices
from lifecycle.services.standing import newly_so
from lineage.selectors.sources import source_standings

RECENT = timedelta(days=90)
STEPS = {
    Sunset.State.ANNOUNCED: "sunset.announced",
    Sunset.State.GRACE: "sunset.announced",
    Sunset.State.DONE: "sunset.done",
    Sunset.State.RESTORED: "sunset.restored",
}
VERBS = {
    "sunset.announced": "is to be sunset",
    "sunset.done": "was sunset",
    "sunset.restored": "was restored",
}


def tell_of_sunsets(now: datetime) -> int:
    """An event for each step; its owners hear of it by the notice the step itself wrote."""
    recent = Sunset.objects.filter(state__in=STEPS, made_at__gt=now - RECENT)
    by_key = {f"{row.pk}:{STEPS[Sunset.State(row.state)]}": row for row in recent}
    fresh = newly_so("sunset", by_key.keys(), now)
    ids = [by_key[key].pk for key in fresh]
    told: dict[int | None, set[int | None]] = defaultdict(set)
    for pk, team_id in Notice.objects.filter(sunset_id__in=ids).values_list("sunset_id", "team_id"):
        told[pk].add(team_id)
    labels: dict[int, list[str]] = defaultdict(list)
    items = SunsetItem.objects.filter(sunset_id__in=ids).order_by("id")
    for pk, label in items.values_list("sunset_id", "label"):
        labels[pk].append(label)
    write_events([_step(key, by_key[key], labels, told, now) for key in sorted(fresh)])
    return 0


def _step(
    key: str,
    row: Sunset,
    labels: dict[int, list[str]],
    told: dict[int | None, set[int | None]],
    now: datetime,
) -> Event:
    kind = STEPS[Sunset.State(row.state)]
    at, by = {
        "sunset.announced": (row.grace_until, row.made_by),
        "sunset.done": (row.executed_at, row.made_by),
        "sunset.restored": (row.restored_at, row.restored_by),
    }[kind]
    data = SunsetStep(
        id=row.pk,
        title=row.title,
        state=row.state,
        items=labels[row.pk],
        at=at,
        by=by,
        reason=row.reason,
    )
    title = f"{row.title[:250]} {VERBS[kind]}"
    return event(kind, data, key=key, title=title, now=now, audience=told[row.pk])


def tell_of_quiet_sources(now: datetime) -> int:
    """Tell the operators of each source that missed its cadence twice."""
    quiet = {row.source.name: row.source for row in source_standings(now) if row.is_quiet}
    fresh = sorted(newly_so("source.quiet", quiet.keys(), now))
    events, notices = [], []
    for name in fresh:
        source = quiet[name]
        key = f"{name[:200]}:{source.last_seen_at.isoformat()}"
        data = SourceQuiet(
            source=name,
            last_seen_at=source.last_seen_at,
            expected_every=source.expected_every or 0,
        )
        title = f"The source {name} has gone quiet"
        events.append(event("source.quiet", data, key=key, title=title, now=now, audience=[None]))
        detail = f"last spoke {source.last_seen_at:%-d %b %Y %H:%M} UTC"
        notices.append(
            Notice(
                kind=Notice.Kind.QUIET,
                title=title,
                body="What it vouches for may be older than it looks, and is not flagged.",
                items=[{"subject": f"source:{source.pk}", "label": name, "detail": detail}],
                dedupe_key=f"quiet:{key}",
                created_at=now,
            )
        )
    write_events(events)
    write_notices(notices)
    return len(notices)
