"""A burst: modules publish many versions within an hour, and every owner hears once of all."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread
from time import thread_time
from typing import IO, Any

from django.contrib.auth.models import User
from django.test.utils import override_settings
from django.utils import timezone

from lifecycle.models import Delivery
from lifecycle.services.deliver import send_due
from lifecycle.services.fan_out import fan_out
from lifecycle.services.news import tell_news
from lifecycle.services.notices import deliver_due
from lineage.models import Team
from lineage.services.ingest import ingest_document
from lineage.services.snapshot import refresh
from platform_ui.accounts.models import Membership
from platform_ui.bench.rows import Row
from platform_ui.bench.timing import MS, browser, get, p95

MODULES, VERSIONS, CONSUMERS, OWNERS = 50, 250, 1_250, 125
SCALES = (1, 2, 4)  # the last is 200 modules, 1,000 versions, 5,000 consumers
NEEDS = 3  # modules each consumer depends on
STEPS = 10  # sweeps of the hour
PAGES = ("/", "/modules/", "/upgrades/", "/notices/")
PAGE_TARGET = 200.0
PATIENCE = 300
NO_MAIL = {
    "EMAIL_HOST": "bench.invalid",
    "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
}


@dataclass(frozen=True, slots=True)
class Burst:
    """How large it is; ``name`` keeps the modules of several apart."""

    name: str
    modules: int
    versions: int
    consumers: int
    owners: int

    @classmethod
    def times(cls, scale: int, *, part: int = 1) -> "Burst":
        """The smallest burst that many times over, or a part of it."""
        sizes = (size * scale // part for size in (MODULES, VERSIONS, CONSUMERS, OWNERS))
        return cls(f"b{scale}", *sizes)

    def module(self, number: int) -> str:
        return f"{self.name}-lib-{number % self.modules}"

    def team(self, number: int) -> str:
        return f"{self.name}-team-{number % self.owners}"

    def needs(self, consumer: int) -> list[str]:
        """The modules a consumer depends on."""
        return [self.module(consumer + step * 7) for step in range(NEEDS)]

    def platform(self, now: datetime) -> Iterator[dict[str, Any]]:
        """What is there before: modules, and consumers that run."""
        before = (now - timedelta(days=100)).isoformat()
        for number in range(self.modules):
            yield {
                "type": "version", "module": self.module(number), "version": "1.0.0",
                "published_at": before, "owner": f"{self.name}-providers",
            }  # fmt: skip
        for number in range(self.consumers):
            name = f"{self.name}-app-{number}"
            yield {
                "type": "version", "module": name, "version": "1.0.0", "published_at": before,
                "owner": self.team(number), "kind": "script",
                "dependencies": [
                    {"module": module, "range": "^1"} for module in self.needs(number)
                ],
            }  # fmt: skip
            yield {
                "type": "deployment", "id": f"{name}/prod", "module": name, "version": "1.0.0",
                "environment": "prod", "tier": "prod", "started_at": before,
            }  # fmt: skip

    def published(self, step: int, now: datetime) -> Iterator[dict[str, Any]]:
        """The versions that come out in one step of the hour, each module's in their order."""
        first, last = (self.versions * place // STEPS for place in (step, step + 1))
        for number in range(first, last):
            round_ = number // self.modules + 1
            yield {
                "type": "version", "module": self.module(number), "version": f"1.{round_}.0",
                "published_at": now.isoformat(), "owner": f"{self.name}-providers",
            }  # fmt: skip


@dataclass(slots=True)
class Heard:
    """What a burst took and led to."""

    seconds: float = 0.0
    pages: list[tuple[float, float]] = field(default_factory=list)
    digests: int = 0
    items: int = 0


def prepare(burst: Burst, now: datetime) -> None:
    """Take the platform in, with one reader a team who is in the next team too."""
    _take(burst.platform(now), now)
    refresh(now)
    teams = {team.name: team for team in Team.objects.filter(name__startswith=f"{burst.name}-")}
    for number in range(burst.owners):
        name = f"{burst.name}-reader-{number}"
        user = User.objects.create(username=name, email=f"{name}@example.com")
        for member_of in {burst.team(number), burst.team(number + 1)}:
            Membership.objects.create(user=user, team=teams[member_of])
    tell_news(now)
    deliver_due(now)
    fan_out(now)


def happen(burst: Burst, now: datetime, *, pages: bool = False) -> Heard:
    """Publish for an hour, sweep as it goes, and send every digest a day later.

    Counts the processor's seconds from what was published to what was sent, ingest left out.
    """
    heard = Heard()
    looker = _looking() if pages else None
    with override_settings(**NO_MAIL):
        for step in range(STEPS):
            at = now + timedelta(minutes=step * 60 // STEPS)
            _take(burst.published(step, at), at)
            refresh(at)
            heard.seconds += _worked(partial(_tell, at))
        heard.seconds += _worked(partial(_send, now + timedelta(days=2)))
    if looker is not None:
        # It ends as its input does, and says how long each page took.
        heard.pages = json.loads(looker.communicate(timeout=PATIENCE)[0])
    sent = Delivery.objects.filter(
        user__username__startswith=f"{burst.name}-reader-", created_at__gte=now
    )
    heard.digests = sent.count()
    heard.items = sum(payload["listed"] for payload in sent.values_list("payload", flat=True))
    return heard


def burst_rows(*, part: int = 1, pages: bool = True) -> list[Row]:
    """Each scale beside the first grown in proportion; pages while the largest runs.

    ``part`` makes all of them that much smaller.
    """
    now = timezone.now()
    rows: list[Row] = []
    first = 0.0
    for scale in SCALES:
        burst = Burst.times(scale, part=part)
        prepare(burst, now)
        heard = happen(burst, now, pages=pages and scale == SCALES[-1])
        first = first or heard.seconds / scale
        work = (
            f"{burst.modules:,} modules publish {burst.versions:,} versions: "
            f"{heard.digests:,} digests of {heard.items:,} items"
        )
        limit_is = f"×{SCALES[0]} in proportion"
        rows.append(Row(work, heard.seconds, "s", None, first * scale, limit_is))
        if heard.pages:
            wall, cpu = (p95(column) * MS for column in zip(*heard.pages, strict=True))
            rows.append(Row("pages meanwhile, p95", wall, "ms", PAGE_TARGET, cpu=cpu))
    return rows


def _worked(work: Callable[[], None]) -> float:
    """Processor seconds of this thread: the pages meanwhile are another's."""
    began = thread_time()
    work()
    return thread_time() - began


def _tell(now: datetime) -> None:
    tell_news(now)
    deliver_due(now)
    fan_out(now)


def _send(now: datetime) -> None:
    while send_due(now, most=500):
        pass


def _take(records: Iterator[dict[str, Any]], now: datetime) -> None:
    document = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    ingest_document(io.BytesIO(document), source="bench-burst", now=now)


def _looking() -> "subprocess.Popen[bytes]":
    """A process of its own that opens pages, as a web process beside a worker does."""
    words = [sys.executable, "manage.py", "bench", "--answers", "--look"]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 our own


def look_until(end: IO[bytes]) -> list[tuple[float, float]]:
    """What each page took, (by the clock, own work), opened in turn until the input ends."""
    client, seconds = browser(), list[tuple[float, float]]()
    stop = Signal()
    Thread(target=_until_end, args=(end, stop), daemon=True).start()
    for page in PAGES:
        get(client, page)  # a process that just began has everything to load
    while not stop.is_set():
        taken = [get(client, page) for page in PAGES]
        seconds += [(one.wall, one.cpu) for one in taken]
    return seconds


def _until_end(end: IO[bytes], stop: Signal) -> None:
    end.read()
    stop.set()
