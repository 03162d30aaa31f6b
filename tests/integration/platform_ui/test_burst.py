"""A burst of publications: one digest an owner, with every item, nobody two, linear work."""

from collections import defaultdict

import pytest

from lifecycle.models import Delivery
from lineage.selectors.modules import module_named
from platform_ui.bench.burst import NEEDS, Burst, burst_rows, happen, prepare
from tests.factories.lifecycle import NOW

SMALL = Burst("small", 8, 24, 40, 10)


def expected(burst: Burst) -> dict[str, set[str]]:
    """Reader -> every (consumer, version) their teams are to hear of, by plain counting."""
    versions: dict[str, list[str]] = defaultdict(list)
    for number in range(burst.versions):
        versions[burst.module(number)].append(f"1.{number // burst.modules + 1}.0")
    of_team: dict[str, set[str]] = defaultdict(set)
    for consumer in range(burst.consumers):
        for module in set(burst.needs(consumer)):
            for version in versions[module]:
                said = f"{burst.name}-app-{consumer} 1.0.0 {module} {version}"
                of_team[burst.team(consumer)].add(said)
    return {
        f"{burst.name}-reader-{n}": of_team[burst.team(n)] | of_team[burst.team(n + 1)]
        for n in range(burst.owners)
    }


def heard(burst: Burst) -> dict[str, list[str]]:
    """Reader -> what the one digest lists; fails where somebody got two."""
    found: dict[str, list[str]] = {}
    rows = Delivery.objects.filter(user__username__startswith=burst.name).select_related("user")
    for row in rows:
        assert row.user is not None
        assert row.user.username not in found, "two digests"
        assert row.state == "delivered"
        assert row.payload["listed"] == row.payload["total"]
        found[row.user.username] = [
            f"{item['label'].partition(' runs ')[0]} "
            + item["detail"].partition(", ")[2].removesuffix(" is out")
            for group in row.payload["groups"]
            for item in group["items"]
        ]
    return found


def check(burst: Burst) -> None:
    prepare(burst, NOW)
    assert not Delivery.objects.filter(user__username__startswith=burst.name).exists()
    result = happen(burst, NOW)
    wanted, got = expected(burst), heard(burst)
    assert set(got) == set(wanted)
    for reader, items in got.items():
        assert len(items) == len(set(items)), "an item twice"
        assert set(items) == wanted[reader]
    assert result.digests == burst.owners
    assert result.items == sum(len(items) for items in wanted.values())


@pytest.mark.django_db
def test_every_owner_gets_one_digest_with_every_item() -> None:
    check(SMALL)
    assert module_named("platform", SMALL.module(0)).name
    assert NEEDS > 1


@pytest.mark.slow
@pytest.mark.django_db
def test_thousand_versions_of_two_hundred_modules_reach_the_owners_of_five_thousand() -> None:
    check(Burst.times(4))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_work_grows_no_faster_than_the_burst() -> None:
    rows = burst_rows(part=5, pages=False)
    assert len(rows) == 3
    assert all(row.ratio is not None and row.ratio < 1.5 for row in rows), rows
