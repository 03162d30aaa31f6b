"""Snoozes: who may, for how long, what is hidden, counted and written down."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from lifecycle.exceptions import CannotSnooze, PermissionDenied, UnknownThing
from lifecycle.models import AuditEntry, UpgradeSnooze
from lifecycle.permissions import SCOPES, Actor, system_actor
from lifecycle.selectors.upgrades import seen_upgrades, snooze_list
from lifecycle.services.snoozes import snooze, wake
from lineage.models import Team
from lineage.selectors.upgrades import UpgradeFilter
from tests.factories.platform import module, platform

MONTH = timedelta(days=30)
DYING_SOON = {"type": "deprecation", "module": "old", "range": "1.x", "deprecated_at": "2026-01-01"}


def put_aside(
    actor: Actor, dependency: str = "yaml", *, days: float = 30, reason: str = "after the launch"
) -> UpgradeSnooze:
    now = timezone.now()
    until = now + timedelta(days=days)
    consumer, on = module("tv-home"), module(dependency)
    return snooze(consumer, on, until=until, reason=reason, actor=actor, now=now)


def shown(snoozed: str = "hide", at: datetime | None = None) -> tuple[list[str], int]:
    part = seen_upgrades(
        UpgradeFilter(module=module("tv-home")), now=at or timezone.now(), snoozed=snoozed
    )
    return [row.dependency.name for row in part.rows], part.aside


def test_what_is_snoozed_is_hidden_and_counted_until_its_day(tina: Actor) -> None:
    made = put_aside(tina)
    assert shown() == (["old", "json", "xml"], 1)
    assert shown("only") == (["yaml"], 1)
    assert shown("show") == (["old", "json", "yaml", "xml"], 1)
    assert shown(at=made.until)[1] == 0
    (row,) = seen_upgrades(
        UpgradeFilter(module=module("tv-home")), now=timezone.now(), snoozed="only"
    ).rows
    assert (row.snooze.reason, row.snooze.made_by) == ("after the launch", "tina")


def test_what_gets_more_urgent_comes_back_before_its_day(tina: Actor) -> None:
    put_aside(tina)
    platform({"type": "deprecation", "module": "yaml", "range": "1.x"}, now=timezone.now())
    assert shown() == (["old", "yaml", "json", "xml"], 0)


def test_who_may_not_act_for_the_owner_may_not_snooze(tina: Actor) -> None:
    team = Team.objects.create(name="elsewhere")
    reader = Actor("tina", team_ids=tina.team_ids, scopes=frozenset({"read"}))
    outsider = Actor("mallory", team_ids=frozenset({team.pk}), scopes=frozenset(SCOPES))
    for actor in (Actor(""), outsider, reader):
        with pytest.raises(PermissionDenied):
            put_aside(actor)
    assert put_aside(system_actor()).made_by == "sundial"
    assert UpgradeSnooze.objects.count() == 1


@pytest.mark.parametrize(
    ("dependency", "days", "reason", "words"),
    [
        ("yaml", 30, "  \n ", "reason"),
        ("yaml", 30, "x" * 2_001, "reason"),
        ("yaml", -1, "later", "within a year"),
        ("yaml", 400, "later", "within a year"),
        ("tv-home", 30, "later", "nothing to move"),
    ],
)
def test_odd_wishes_are_refused(
    tina: Actor, dependency: str, days: float, reason: str, words: str
) -> None:
    with pytest.raises(CannotSnooze, match=words):
        put_aside(tina, dependency, days=days, reason=reason)


def test_nothing_is_snoozed_past_the_day_it_dies(tina: Actor) -> None:
    soon = timezone.now() + timedelta(days=10)
    platform({**DYING_SOON, "sunset_at": soon.isoformat()}, now=timezone.now())
    with pytest.raises(CannotSnooze, match="dies before that"):
        put_aside(tina, "old", days=11)
    assert put_aside(tina, "old", days=9).status == "dying"


def test_the_second_takes_the_place_of_the_first_and_both_are_audited(tina: Actor) -> None:
    first = put_aside(tina)
    second = put_aside(tina, days=60, reason="later still")
    first.refresh_from_db()
    assert (first.ended_by, second.ended_at) == ("tina", None)
    assert [row.pk for row in snooze_list(now=timezone.now()).rows] == [second.pk]
    entries = AuditEntry.objects.filter(action="upgrade.snoozed")
    assert [(e.actor, e.subject, e.reason) for e in entries] == [
        ("tina", "tv-home on yaml", "later still"),
        ("tina", "tv-home on yaml", "after the launch"),
    ]


def test_waking_brings_it_back_once(tina: Actor) -> None:
    made = put_aside(tina)
    with pytest.raises(PermissionDenied):
        wake(made.pk, actor=Actor("mallory", scopes=frozenset(SCOPES)), now=timezone.now())
    for _ in range(2):
        wake(made.pk, actor=tina, now=timezone.now())
    assert shown()[1] == 0
    assert AuditEntry.objects.filter(action="upgrade.woken").count() == 1
    with pytest.raises(UnknownThing):
        wake(made.pk + 1, actor=tina, now=timezone.now())


def test_snoozes_are_listed_by_team(tina: Actor) -> None:
    put_aside(tina)
    now = timezone.now()
    assert snooze_list(owners=tina.team_ids, now=now).total == 1
    assert snooze_list(owners=[-1], now=now).total == 0
    assert snooze_list(now=now + 2 * MONTH).total == 0
