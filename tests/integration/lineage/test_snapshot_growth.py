"""A snapshot that starts from the one before equals one built anew."""

from dataclasses import fields
from datetime import datetime, timedelta
from io import BytesIO

import numpy as np
import pytest

from lineage.graph.arrays import build
from lineage.models import Dependency, Epoch, Requirement, Version
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.services.graph_rows import read_graph
from lineage.services.ingest import ingest_document
from lineage.services.retirement import sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, lines_of, module, platform, take_in, version
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db

STEPS = (
    "json 1.0.0\nauth 1.0.0 -> json@^1\ntv 1.0.0 -> auth@^1, yaml@2.x?",
    "json 1.1.0\naaa 1.0.0 -> json@~1.0, auth@*\ntv/prod runs tv 1.0.0 in prod",
    "auth 0.9.0 -> json@1.0.0\nzzz 1.0.0 -> tv@^1, aaa@^1",
)


def differences() -> list[str]:
    """The arrays in which the newest snapshot differs from a graph of nothing but the rows."""
    grown = refresh(NOW).graph
    anew = build(read_graph(grown.epoch, NOW))
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


def restore_backup(number: int, at: datetime) -> None:
    """Put the database back to an epoch, as a restored backup does; the snapshots stay."""
    gone = Version.objects.filter(received_at__gt=at)
    Dependency.objects.filter(version__in=gone).delete()
    Requirement.objects.filter(dependencies=None).delete()
    gone.delete()
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
