"""Permissions in the service: owner, colleague, outsider, operator, cut token, nobody."""

from collections.abc import Callable

import pytest

from lifecycle.exceptions import PermissionDenied
from lifecycle.models import AuditEntry, Notice, Sunset
from lifecycle.permissions import Actor
from lifecycle.services.sunsets import execute_plan, restore_sunset
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    execute,
    flagged_platform,
    member,
    operator,
    plan_of,
    sunset_versions,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
Maker = Callable[[], Actor]

MAY: dict[str, Maker] = {
    "owner": lambda: member("ana", "identity"),
    "colleague": lambda: member("ben", "identity", "tv"),
    "operator": operator,
}
MAY_NOT: dict[str, Maker] = {
    "outsider": lambda: member("mallory", "tv"),
    "teamless": lambda: member("nina"),
    "token without lifecycle": lambda: member("ana", "identity", scopes=("read", "ingest")),
    "operator's token without lifecycle": lambda: Actor(
        "olga", is_operator=True, scopes=frozenset({"read", "admin"})
    ),
    "nobody": lambda: Actor(""),
}


@pytest.mark.parametrize("make", MAY.values(), ids=MAY)
def test_owner_colleague_and_operator_may_sunset_and_restore(make: Maker) -> None:
    flagged_platform()
    actor = make()
    sunset = execute("auth 1.x", actor=actor)
    assert sunset.made_by == actor.name
    done = restore_sunset(sunset.pk, actor=actor, reason="", now=NOW + DAY)
    assert done.restored_by == actor.name


@pytest.mark.parametrize("make", MAY_NOT.values(), ids=MAY_NOT)
def test_everybody_else_is_refused_and_nothing_happens(make: Maker) -> None:
    flagged_platform()
    actor, notices = make(), Notice.objects.count()
    with pytest.raises(PermissionDenied):
        execute("auth 1.x", actor=actor)
    assert sunset_versions() == []
    assert not Sunset.objects.exists()
    assert not AuditEntry.objects.exists()
    assert Notice.objects.count() == notices


@pytest.mark.parametrize("make", MAY_NOT.values(), ids=MAY_NOT)
def test_everybody_else_is_refused_to_restore_and_it_stays_sunset(make: Maker) -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    with pytest.raises(PermissionDenied):
        restore_sunset(sunset.pk, actor=make(), reason="", now=NOW + DAY)
    assert sunset_versions() == ["auth 1.0.0", "auth 1.1.0"]
    assert Sunset.objects.get().state == Sunset.State.DONE


@pytest.mark.parametrize("make", MAY_NOT.values(), ids=MAY_NOT)
def test_everybody_else_learns_nothing_from_a_confirmation_that_was_done(make: Maker) -> None:
    flagged_platform()
    plan = plan_of("auth 1.x")
    execute("auth 1.x")
    with pytest.raises(PermissionDenied):
        execute_plan(plan.request, hash=plan.hash, actor=make(), reason="", now=NOW)


def test_batch_of_two_owners_needs_the_right_over_both() -> None:
    flagged_platform()
    things = ("auth 1.x", "tv-home/preview")
    for actor in (member("ana", "identity"), member("tom", "tv")):
        with pytest.raises(PermissionDenied):
            execute(*things, actor=actor)
    both = member("ben", "identity", "tv")
    sunset = execute(*things, actor=both)
    with pytest.raises(PermissionDenied):
        restore_sunset(sunset.pk, actor=member("tom", "tv"), reason="", now=NOW)


def test_ownerless_things_are_the_operators_alone() -> None:
    take_in(*PLATFORM, version("relic", "1.0.0"), version("relic", "2.0.0"))
    sweep_and_tell()
    later = NOW + 8 * DAY
    for make in (*MAY_NOT.values(), MAY["owner"]):
        with pytest.raises(PermissionDenied):
            execute("relic 1.x", actor=make(), now=later)
    assert execute("relic 1.x", now=later).state == Sunset.State.DONE


def test_right_to_restore_follows_the_present_owner() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    take_in(version("auth", "2.1.0", owner="tv"))
    with pytest.raises(PermissionDenied):
        restore_sunset(sunset.pk, actor=member("ana", "identity"), reason="", now=NOW)
    restore_sunset(sunset.pk, actor=member("tom", "tv"), reason="", now=NOW)
    assert sunset_versions() == []
