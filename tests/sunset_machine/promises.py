"""The promises of sunsets, checked on what the database says before and after a step."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from lifecycle.models import AuditEntry
from lifecycle.states import ITEM_TRANSITIONS, SUNSET_TRANSITIONS
from lineage.models import Deployment, Module, Requirement
from lineage.services.resolve import resolve_modules
from tests.sunset_machine.facts import Facts, Row, told_at

GONE = {"executing", "done"}
BACK = {"restoring", "restored"}


class Promises:
    """Watches a platform step by step; remembers what was planned and how things were."""

    def __init__(self) -> None:
        self.planned: dict[int, frozenset[int]] = {}
        self.as_it_was: dict[int, tuple[Row, int]] = {}  # item -> its row, ingests so far
        self.whole: dict[int, tuple[Any, int]] = {}  # sunset -> the platform, changes so far
        self.ingests = 0
        self.changes = 0

    def check(
        self, before: Facts, after: Facts, *, now: datetime, is_ingest: bool, is_stopped: bool
    ) -> None:
        """Raise AssertionError where a step broke a promise."""
        self.ingests += is_ingest
        went = _entered(before, after, GONE)
        back = _entered(before, after, BACK)
        self._executes_what_was_planned(before, after)
        self._takes_nothing_but_items(before, after, went, is_ingest=is_ingest)
        for item in went:
            self._may_go(item, before, after, now)
        assert not (went and is_stopped), "something went while everything was stopped"
        self._moves_along_the_tables(before, after)
        self._audits(before, after, now)
        self._purges_late(before, after, now, is_stopped=is_stopped)
        self._brings_back_what_was(before, after, went, back)

    def _executes_what_was_planned(self, before: Facts, after: Facts) -> None:
        for pk in after.sunsets:
            items = frozenset(i for i, row in after.items.items() if row["sunset_id"] == pk)
            assert self.planned.setdefault(pk, items) == items, "its items changed"

    def _takes_nothing_but_items(
        self, before: Facts, after: Facts, went: list[Row], *, is_ingest: bool
    ) -> None:
        versions = {i["version_id"] for i in went} - {None}
        gone = {
            pk for pk, row in after.versions.items()
            if row["sunset_at"] and not before.versions.get(pk, row)["sunset_at"]
        }  # fmt: skip
        assert gone == versions, "versions went that no sunset took, or the other way round"
        deployments = {i["deployment_id"] for i in went} - {None}
        ended = {
            pk for pk, row in after.deployments.items()
            if row["end_reason"] == "sunset"
            and before.deployments.get(pk, row)["end_reason"] != "sunset"
        }  # fmt: skip
        assert is_ingest or ended == deployments, "deployments ended that no sunset took"

    def _may_go(self, item: Row, before: Facts, after: Facts, now: datetime) -> None:
        sunset = after.sunsets[item["sunset_id"]]
        assert item["executed_at"] == now
        if not sunset["is_forced"]:
            assert item["version_id"] not in before.used, f"{item['label']} is in use"
        else:
            assert sunset["force_reason"].strip()
        if item["deployment_id"]:
            deployment = before.deployments[item["deployment_id"]]
            assert deployment["ended_at"] is None
            assert deployment["expires_at"] is not None
            assert deployment["expires_at"] <= now
        flagged, announced = told_at(item, sunset)
        told = [at for at in (flagged, announced) if at]
        assert told, f"nobody was told of {item['label']}"
        assert min(told) <= now
        if sunset["is_forced"]:
            return
        grace = timedelta(seconds=sunset["terms"]["grace"])
        if grace:
            assert announced is not None, f"{item['label']} was not announced"
            assert announced + grace <= now, f"{item['label']} went before its time"
        if _owner(item) is None:
            wait = timedelta(seconds=sunset["terms"]["ownerless_wait"])
            assert min(told) + wait <= now, f"{item['label']}, which nobody owns, went early"

    def _moves_along_the_tables(self, before: Facts, after: Facts) -> None:
        for pk, row in after.sunsets.items():
            start = before.sunsets[pk]["state"] if pk in before.sunsets else "announced"
            assert row["state"] in _reachable(SUNSET_TRANSITIONS, start)
        for pk, row in after.items.items():
            start = before.items[pk]["state"] if pk in before.items else "planned"
            assert row["state"] in _reachable(ITEM_TRANSITIONS, start)

    def _audits(self, before: Facts, after: Facts, now: datetime) -> None:
        entries = list(AuditEntry.objects.order_by("id")[before.audited :])
        assert all(entry.actor and entry.at == now for entry in entries)
        said = [(e.evidence.get("sunset"), set(e.evidence.get("items", ()))) for e in entries]
        for pk, row in after.sunsets.items():
            was = before.sunsets.get(pk)
            if was is None or was["state"] != row["state"]:
                # It may go on from grace without a word of its own: what goes is told.
                is_between = row["state"] in ("grace", "executing")
                assert is_between or any(sunset == pk for sunset, _ in said), row
        for pk, row in after.items.items():
            was = before.items.get(pk)
            if was is not None and was["state"] != row["state"]:
                heard = [row["label"] in items for s, items in said if s == row["sunset_id"]]
                assert any(heard), f"{row['label']}: {was['state']} to {row['state']}, unaudited"

    def _purges_late(self, before: Facts, after: Facts, now: datetime, *, is_stopped: bool) -> None:
        for item in _entered(before, after, {"purged"}):
            sunset = after.sunsets[item["sunset_id"]]
            assert sunset["restorable_until"] < now
            assert not is_stopped
            if item["version_id"]:
                assert after.versions[item["version_id"]]["sunset_at"], "purged, and back"
            else:
                assert after.deployments[item["deployment_id"]]["ended_at"], "purged, and live"

    def _brings_back_what_was(
        self, before: Facts, after: Facts, went: list[Row], back: list[Row]
    ) -> None:
        for item in went:
            kind, pk = _thing(item)
            self.as_it_was[item["id"]] = getattr(before, kind)[pk], self.ingests
            self.whole.setdefault(item["sunset_id"], (before.platform, self.changes + self.ingests))
        self.changes += len({item["sunset_id"] for item in went})
        for item in back:
            was, ingests = self.as_it_was.get(item["id"], (None, -1))
            kind, pk = _thing(item)
            if ingests == self.ingests:
                assert getattr(after, kind)[pk] == was, f"{item['label']} is not as it was"
            if kind == "versions":
                assert after.versions[pk]["sunset_at"] is None
        for pk in {item["sunset_id"] for item in back}:
            platform, changes = self.whole[pk]
            is_all = not any(
                row["state"] in GONE for row in after.items.values() if row["sunset_id"] == pk
            )
            # One execution, its own, and nothing else since.
            if is_all and changes + 1 == self.changes + self.ingests:
                assert after.platform == platform, "the platform is not as it was"
        self.changes += bool(back)


def _entered(before: Facts, after: Facts, states: set[str]) -> list[Row]:
    """Items that are in one of the states and were not, unless they left it before."""
    return [
        row for pk, row in after.items.items()
        if row["state"] in states
        and (pk not in before.items or before.items[pk]["state"] not in states)
    ]  # fmt: skip


def _thing(item: Row) -> tuple[str, int]:
    if item["version_id"]:
        return "versions", item["version_id"]
    return "deployments", item["deployment_id"]


def _owner(item: Row) -> int | None:
    if item["version_id"]:
        return Module.objects.get(versions=item["version_id"]).owner_id
    return Deployment.objects.get(pk=item["deployment_id"]).version.module.owner_id


def _reachable(table: Mapping[Any, Any], start: str) -> set[str]:
    follows = {str(state): {str(to) for to in states} for state, states in table.items()}
    seen, todo = {start}, [start]
    while todo:
        new = follows[todo.pop()] - seen
        seen |= new
        todo += new
    return seen


def resolution_is_current() -> bool:
    """Whether resolving everything anew would change nothing."""

    before = list(Requirement.objects.order_by("id").values())
    resolve_modules(set(Module.objects.values_list("id", flat=True)))
    return before == list(Requirement.objects.order_by("id").values())
