"""A snapshot that starts from the one before equals one built anew."""

import random
from dataclasses import fields
from datetime import datetime, timedelta
from io import BytesIO

import numpy as np
import pytest

from lineage.graph.arrays import build
from lineage.models import Dependency, Epoch, EpochChange, Requirement, Version
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.services.epoch import changed_since, current_epoch, stamp_of
from lineage.services.graph_rows import read_graph
from lineage.services.ingest import ingest_document
from lineage.services.retirement import restore_versions, sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, lines_of, module, platform, take_in, version
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db

STEPS = (
    "json 1.0.0\nauth 1.0.0 -> json@^1\ntv 1.0.0 -> auth@^1, yaml@2.x?",
    "json 1.1.0\naaa 1.0.0 -> json@~1.0, auth@*\ntv/prod runs tv 1.0.0 in prod",
    "auth 0.9.0 -> json@1.0.0\nzzz 1.0.0 -> tv@^1, aaa@^1",
)


def differences(now: datetime = NOW) -> list[str]:
    """The arrays in which the newest snapshot differs from a graph of nothing but the rows."""
    grown = refresh(now).graph
    anew = build(read_graph(grown.epoch, now))
    return [
        field.name
        for field in fields(anew)
        if not np.array_equal(getattr(grown, field.name), getattr(anew, field.name))
    ]


def test_growth_by_versions_deployments_and_sunsets_equals_a_fresh_build() -> None:
    for step in STEPS:
        platform(step)
        assert differences() == []
    sunset_versions([version("json@1.0.0").pk], at=NOW)
    assert differences() == []


def test_growth_by_an_sbom_equals_a_fresh_build() -> None:
    platform(STEPS[0])
    take_in(shared_path("data/sboms/small.cdx.json.gz").read_bytes(), environment="prod")
    assert differences() == []


def some_step(rng: random.Random, now: datetime) -> None:
    """One change of whatever kind a platform sees."""
    names = ["json", "yaml", "auth", "tv", "radio"]
    name, other = rng.sample(names, 2)
    number = f"{rng.randint(0, 3)}.{rng.randint(0, 3)}.{rng.randint(0, 3)}"
    number += rng.choice(["", "", "", "-rc.1"])
    day = (now + timedelta(days=rng.randint(-40, 3))).isoformat()
    range = rng.choice(["^1", "~1.2", "*", ">=0.1 <3", "2.x", "1.1.1"])
    match rng.randint(0, 6):
        case 0 | 1 | 2:
            dependencies = [{"module": other, "range": range}]
            record = {"type": "version", "module": name, "version": number, "published_at": day,
                      "dependencies": dependencies}  # fmt: skip
        case 3:
            record = {"type": "yank", "module": name, "version": number, "yanked_at": day}
        case 4:
            record = {"type": "deployment", "id": f"{name}/{rng.randint(0, 2)}", "module": name,
                      "version": number, "environment": "prod", "started_at": day,
                      "resolved": {other: "1.1.1"} if rng.random() < 0.3 else {}}  # fmt: skip
        case 5:
            record = {"type": "deployment_ended", "deployment": f"{name}/0", "ended_at": day}
        case _:
            ids = list(Version.objects.values_list("id", flat=True).order_by("id"))
            change = rng.choice([sunset_versions, restore_versions])
            change(rng.sample(ids, min(len(ids), 2)), at=now)
            return
    ingest_document(BytesIO(lines_of([record])), source="ci", now=now)


@pytest.mark.parametrize("seed", range(12))
def test_growth_by_anything_at_any_time_equals_a_fresh_build(seed: int) -> None:
    rng = random.Random(seed)
    now = NOW
    platform(STEPS[0], now=now)
    for _ in range(12):
        for _ in range(rng.randint(1, 3)):
            some_step(rng, now)
        assert differences(now) == []
        now += timedelta(days=rng.choice([0, 1, 5, 60]), seconds=1)


def test_an_epoch_says_which_modules_it_changed() -> None:
    platform("json 1.0.0\ntv 1.0.0 -> json@^1")
    before = current_epoch()
    platform("json 1.1.0\ntv/prod runs tv 1.0.0 in prod")
    assert changed_since(before.number, stamp_of(before)) == {module("json").pk}
    sunset_versions([version("tv@1.0.0").pk], at=NOW)
    assert changed_since(before.number, stamp_of(before)) == {module("json").pk, module("tv").pk}
    assert changed_since(before.number, "of another history") is None
    assert changed_since(before.number - 1, "") is None
    EpochChange.objects.filter(number=before.number + 1).delete()
    assert changed_since(before.number, stamp_of(before)) is None


def test_a_snapshot_starts_from_nothing_where_an_epoch_does_not_say_what_it_changed() -> None:
    platform(STEPS[0])
    platform(STEPS[1])
    EpochChange.objects.update(modules=None)
    platform(STEPS[2])
    assert differences() == []


def restore_backup(number: int, at: datetime) -> None:
    """Put the database back to an epoch, as a restored backup does; the snapshots stay."""
    gone = Version.objects.filter(received_at__gt=at)
    Dependency.objects.filter(version__in=gone).delete()
    Requirement.objects.filter(dependencies=None).delete()
    gone.delete()
    EpochChange.objects.filter(number__gt=number).delete()
    Epoch.objects.update(number=number, changed_at=at)


@pytest.mark.parametrize("later", [1, 2, 3])
def test_snapshots_of_a_time_that_never_was_are_not_used(later: int) -> None:
    platform("json 1.0.0\nold 1.0.0 -> json@1.0.0")
    hour = timedelta(hours=1)
    platform("lost 1.0.0 -> json@^1", now=NOW + hour)
    platform("lost 2.0.0 -> json@*", now=NOW + 2 * hour)
    restore_backup(1, NOW)
    # Some ingests, with no snapshot taken in between.
    for number in range(later):
        record = {"type": "version", "module": f"found-{number}", "version": "1.0.0",
                  "dependencies": [{"module": "json", "range": "~1.0"}]}  # fmt: skip
        ingest_document(BytesIO(lines_of([record])), source="ci", now=NOW + 3 * hour)
    refresh(NOW)
    assert differences() == []
    found = direct_dependents(module("json"), DependentFilter(), now=NOW)
    names = sorted(row.consumer.module.name for row in found.rows)
    assert names == [*(f"found-{number}" for number in range(later)), "old"]
