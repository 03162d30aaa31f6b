"""A snapshot that starts from the one before equals one built anew."""

from dataclasses import fields

import numpy as np
import pytest

from lineage.graph.arrays import build
from lineage.services.graph_rows import read_graph
from lineage.services.retirement import sunset_versions
from lineage.services.snapshot import refresh
from tests.factories.platform import NOW, platform, take_in, version
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
