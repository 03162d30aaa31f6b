"""Lines as the rule is told of them; by default one that nobody has used for long."""

from datetime import UTC, datetime, timedelta

from lineage.lines import LineFacts

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UNUSED_FOR = timedelta(days=30)


def ago(**parts: float) -> datetime:
    """An instant before NOW."""
    return NOW - timedelta(**parts)


def line(name: str = "1.x", **changes: object) -> LineFacts:
    """Facts of a line of one module; a name with two dots is a minor line."""
    is_minor = name.count(".") == 2
    stated: dict[str, object] = {
        "module_id": 7,
        "ecosystem": "platform",
        "module": "auth",
        "owner_id": 3,
        "line": name,
        "level": "minor" if is_minor else "major",
        "parent": f"{name.partition('.')[0]}.x" if is_minor else "",
        "version_ids": (1, 2),
        "sunset_count": 0,
        "newest": "1.4.2",
        "newest_published_at": ago(days=200),
        "live_prod": 0,
        "live_preprod": 0,
        "is_in_use": False,
        "last_used_at": ago(days=90),
        "consumers": 0,
        "held_by": 0,
        "holds_newest": False,
        "vouched_since": ago(days=300),
    }
    return LineFacts(**(stated | changes))  # type: ignore[arg-type]
