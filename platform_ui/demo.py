"""What the demo shows: a simulated platform, and three people to see it as."""

import secrets
import tempfile
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db.models import Count

from lineage.models import IngestRun, Team
from lineage.services.ingest import IngestSummary, Progress, ingest_document
from lineage.services.snapshot import refresh
from lineage.simulation import SOURCE, Scale, simulated_lines
from platform_ui.accounts.models import Membership

OPERATOR, MEMBER, OUTSIDER = "ana", "ben", "chris"
PEOPLE = {
    OPERATOR: "operator, may sunset anything",
    MEMBER: "member of the team {team}",
    OUTSIDER: "member of no team, may only look",
}


def load_platform(now: datetime, progress: Progress | None = None) -> IngestSummary | None:
    """Ingest the simulated platform through the ordinary door; None if it is there already."""
    done = IngestRun.objects.filter(source__name=SOURCE, status=IngestRun.Status.DONE)
    if done.exists():
        return None
    until = now.replace(minute=0, second=0, microsecond=0)
    with tempfile.TemporaryFile() as document:
        document.writelines(simulated_lines(Scale(until=until)))
        document.seek(0)
        summary = ingest_document(
            document,
            source=SOURCE,
            document="simulated platform",
            started_by="demo",
            now=now,
            progress=progress,
        )
    refresh(now)
    return summary


def make_people(password: str) -> dict[str, str]:
    """Make who is missing; returns each name with what it may do. Changes nobody who is there."""
    team = Team.objects.annotate(size=Count("modules")).order_by("-size", "name").first()
    for name in PEOPLE:
        is_operator = name == OPERATOR
        user, is_new = User.objects.get_or_create(
            username=name, defaults={"is_staff": is_operator, "is_superuser": is_operator}
        )
        if is_new:
            user.set_password(password)
            user.save(update_fields=["password"])
            if name == MEMBER and team is not None:
                Membership.objects.create(user=user, team=team)
    return {name: words.format(team=team) for name, words in PEOPLE.items()}


def kept_password(path: Path) -> str:
    """The demo's password: made once, kept in a file only its owner can read."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text()
