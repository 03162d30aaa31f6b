"""A small platform on which everybody acts at once, and any process may die."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from hypothesis import event

from lifecycle.exceptions import LifecycleError
from lifecycle.models import ExecutorCall, Finding, Sunset, SunsetItem
from lifecycle.policies.terms import Terms
from lifecycle.selectors.stops import current_stop
from lifecycle.services.notices import deliver_due
from lifecycle.services.plans import PlanRequest, build, plan_for
from lifecycle.services.stops import end_stop, start_stop
from lifecycle.services.sunsets import (
    Force,
    announce_sunset,
    cancel_sunset,
    drive_sunsets,
    execute_plan,
    execute_sunset,
    restore_sunset,
)
from lifecycle.services.sunsets.items import acknowledge_calls, execute_again, give_up_calls
from lifecycle.services.sweep import sweep
from lineage.models import Epoch
from tests.factories.executors import executor_webhook
from tests.factories.lifecycle import DAY, NOW, PLATFORM, operator, take_in, version
from tests.factories.lifecycle import deployment as run
from tests.factories.sunsets import admin
from tests.sunset_machine.facts import Facts, read
from tests.sunset_machine.kills import Killed, killed_at
from tests.sunset_machine.promises import Promises, resolution_is_current

HOUR = timedelta(hours=1)
BASE = (
    *PLATFORM,
    version("jwt", "1.0.0", owner="identity"),
    version("jwt", "2.0.0", "auth@>=1.1", owner="identity"),
    version("relic", "1.0.0"),
    version("relic", "2.0.0"),
    run("tv-home/test", "tv-home", "1.0.0", ttl="P7D"),
)


@dataclass(frozen=True)
class How:
    """Under which terms sunsets are announced in a run."""

    executor: str = "record"
    grace: int = 0  # days
    batch: int = 500
    cap: int = 5_000
    is_automatic: bool = False
    comes_to_rest: bool = True


def lay_out() -> None:
    """The platform every run starts from; findings are open, nobody is told yet."""
    executor_webhook("https://bot.example.com/", name="bot")
    take_in(*BASE)
    sweep(NOW)


class Machine:
    """Takes steps one after the other, each a little later; promises are checked after each."""

    def __init__(self, how: How) -> None:
        self.how = how
        self.now = NOW + HOUR
        self.promises = Promises()
        self.facts: Facts = read()
        self.number = 0
        # Runs that are undone must not meet each other's snapshots.
        Epoch.objects.update(database_id=uuid4())
        if how.is_automatic:
            Finding.objects.filter(closed_at=None).update(is_automatic=True, policy_name="all")

    def take(self, step: tuple[Any, ...], kill: int | None = None) -> None:
        """Take a step, dying at a statement of it if asked to."""
        self.now += HOUR
        act: Callable[..., Any] = getattr(self, step[0].replace(" ", "_"))
        is_ingest = step[0] in INGESTS
        is_stopped = current_stop() is not None
        with patch.object(build, "terms_for", self._terms):
            try:
                with killed_at(kill):
                    act(*step[1:])
            except LifecycleError as refused:
                event(f"{step[0]} refused: {refused.code}")
            except Killed:
                event(f"{step[0]} killed")
        after = read()
        self._tell_events(after)
        self.promises.check(
            self.facts, after, now=self.now, is_ingest=is_ingest, is_stopped=is_stopped
        )
        self.facts = after

    def come_to_rest(self) -> None:
        """With no more deaths everything gets where it was going, and resolution is current."""
        assert resolution_is_current()
        if not self.how.comes_to_rest:
            return
        self.take(("let go on",))
        for days in (0, 1, 3, 8, 40, 3, 8):
            self.now += days * DAY
            self.take(("settle",))
        # What a policy announced at the very end still has its time.
        moving = Sunset.objects.filter(
            state__in=["announced", "grace", "executing"], made_at__lt=self.now - 20 * DAY
        )
        # What rests on a silent source waits for it to speak.
        assert not [s for s in moving if not any(b["kind"] == "frozen" for b in s.blockers)]
        assert resolution_is_current()

    # What the platform does.

    def use(self, module: str, line: int) -> None:
        name, key = f"job-{self.number}", f"job-{self.number}/prod"
        self.number += 1
        self._ingest(
            version(name, "1.0.0", f"{module}@^{line}", owner="jobs", published_at=self._at),
            run(key, name, "1.0.0", started_at=self._at),
        )

    def run(self, module: str, number: str) -> None:
        self.number += 1
        key = f"{module}-{self.number}/prod"
        self._ingest(run(key, module, number, started_at=self._at))

    def end(self, place: int) -> None:
        live = [d for d in self.facts.deployments.values() if d["ended_at"] is None]
        if live:
            key = live[place % len(live)]["key"]
            self._ingest({"type": "deployment_ended", "deployment": key, "ended_at": self._at})

    def preview(self) -> None:
        self.number += 1
        key = f"tv-home-{self.number}/preview"
        self._ingest(run(key, "tv-home", "1.0.0", started_at=self._at, ttl="P1D"))

    def extend(self, place: int) -> None:
        short = [d for d in self.facts.deployments.values() if d["expires_at"]]
        if short:
            row = short[place % len(short)]
            started = row["started_at"].isoformat()
            self._ingest(run(row["key"], "tv-home", "1.0.0", started_at=started, ttl="P3650D"))

    def start_anew(self, place: int) -> None:
        runs = list(self.facts.deployments.values())
        key = runs[place % len(runs)]["key"]
        self._ingest(run(key, "tv-home", "1.0.0", started_at=self._at, ttl="P1D"))

    def publish(self, module: str, number: str) -> None:
        self._ingest(version(module, number, owner="identity", published_at=self._at))

    def hand_over(self, module: str, owner: str) -> None:
        self.number += 1
        newer = version(module, f"2.{self.number}.0", owner=owner, published_at=self._at)
        self._ingest(newer)

    def ingest_again(self, place: int) -> None:
        record = [r for r in BASE if r["type"] in ("version", "deployment")]
        self._ingest(record[place % len(record)])

    # What runs by itself.

    def sweep(self) -> None:
        sweep(self.now)
        if self.how.is_automatic:
            Finding.objects.filter(closed_at=None).update(is_automatic=True, policy_name="all")

    def tell(self) -> None:
        deliver_due(self.now)

    def wait(self, hours: int) -> None:
        self.now += hours * HOUR

    def drive(self) -> None:
        drive_sunsets(self.now)

    def settle(self) -> None:
        """Everything that runs by itself, in turn."""
        self.tell()
        self.drive()
        if ExecutorCall.objects.filter(state__in=ExecutorCall.OPEN).exists():
            self.answer(0, 0)
            self.drive()

    def freeze(self, place: int, is_frozen: bool) -> None:
        findings = list(Finding.objects.filter(closed_at=None).order_by("id"))
        if findings:
            at = self.now if is_frozen else None
            Finding.objects.filter(pk=findings[place % len(findings)].pk).update(frozen_at=at)

    def answer(self, place: int, kind: int) -> None:
        """The executor hears of what is open, and carries it out, loses the answer or fails."""
        calls = list(ExecutorCall.objects.filter(state__in=ExecutorCall.OPEN).order_by("id"))
        heard = [call.pk for call in calls[place:]]
        ExecutorCall.objects.filter(pk__in=heard).update(last_attempt_at=self.now)
        if kind == 0:
            acknowledge_calls(heard, now=self.now)
        elif kind == 1:
            give_up_calls(dict.fromkeys(heard, "it answers 500"), now=self.now)

    def try_again(self) -> None:
        failed = SunsetItem.objects.filter(state="failed")
        execute_again(list(failed.values_list("id", flat=True)), now=self.now)

    # What people do.

    def announce(self, place: int, grace: int, is_forced: bool) -> None:
        plan = plan_for(self._request(place), now=self.now)
        force = Force("it burns", plan.title) if is_forced else None
        days = max(grace, self.how.grace) * DAY
        announce_sunset(
            plan.request, hash=plan.hash, actor=admin(), reason="tidying up", now=self.now,
            grace=days, force=force,
        )  # fmt: skip

    def execute(self, place: int) -> None:
        plan = plan_for(self._request(place), now=self.now)
        execute_plan(
            plan.request, hash=plan.hash, actor=operator(), reason="tidying up", now=self.now
        )

    def go_on(self, place: int, is_forced: bool) -> None:
        sunset = self._sunset(place)
        if sunset is not None:
            force = Force("it burns", sunset.title) if is_forced else None
            execute_sunset(sunset.pk, actor=admin(), reason="", now=self.now, force=force)

    def cancel(self, place: int) -> None:
        sunset = self._sunset(place)
        if sunset is not None:
            cancel_sunset(sunset.pk, actor=operator(), reason="kept", now=self.now)

    def restore(self, place: int, part: int | None) -> None:
        sunset = self._sunset(place)
        if sunset is None:
            return
        ids = list(sunset.items.order_by("id").values_list("id", flat=True))
        some = None if part is None else [ids[part % len(ids)]]
        restore_sunset(sunset.pk, actor=operator(), reason="needed", now=self.now, item_ids=some)

    def stop(self) -> None:
        start_stop(actor=admin(), reason="smoke", now=self.now)

    def let_go_on(self) -> None:
        if current_stop() is not None:
            end_stop(actor=admin(), reason="clear", now=self.now)

    @property
    def _at(self) -> str:
        return self.now.isoformat()

    def _ingest(self, *records: dict[str, Any]) -> None:
        take_in(*records, now=self.now)

    def _terms(self, findings: list[Finding], *, is_automatic: bool) -> Terms:
        how = self.how
        return replace(
            Terms(), executor=how.executor, grace=how.grace * DAY, batch_size=how.batch,
            daily_cap=how.cap,
        )  # fmt: skip

    def _request(self, place: int) -> PlanRequest:
        findings = Finding.objects.filter(closed_at=None).order_by("id")
        ids = list(findings.values_list("id", flat=True))
        return PlanRequest(finding_ids=tuple(ids[place % (len(ids) + 1) :]))

    def _sunset(self, place: int) -> Sunset | None:
        sunsets = list(Sunset.objects.order_by("-id"))
        return sunsets[place % len(sunsets)] if sunsets else None

    def _tell_events(self, after: Facts) -> None:
        for pk, row in after.sunsets.items():
            if pk not in self.facts.sunsets or self.facts.sunsets[pk]["state"] != row["state"]:
                event(f"a sunset is {row['state']}")


INGESTS = {
    "use", "run", "end", "preview", "extend", "start anew", "publish", "hand over", "ingest again",
}  # fmt: skip
