"""SPDX documents end as the same rows as the CycloneDX of the same lockfile."""

from typing import Any

import pytest
from django.db import transaction

from tests.factories.platform import take_in
from tests.lineage_state import state
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db


def sbom(name: str) -> bytes:
    return shared_path(f"data/sboms/{name}.json.gz").read_bytes()


def graph_of(name: str) -> tuple[Any, ...]:
    """Modules, versions, requirements and edges after taking one SBOM into an empty database."""
    with transaction.atomic():
        outcome = take_in(sbom(name))
        assert (outcome.created, outcome.rejected, outcome.conflicts) == (1, 0, 0)
        found = state()
        transaction.set_rollback(True)
    return (
        found["Module"],
        sorted(row[:2] for row in found["Version"]),
        found["Requirement"],
        found["Dependency"],
    )


@pytest.mark.parametrize(
    ("name", "components", "edges"), [("backstage", 776, 1_541), ("small", 299, 514)]
)
def test_one_lockfile_is_one_graph(name: str, components: int, edges: int) -> None:
    spdx = graph_of(f"{name}.spdx")
    assert spdx == graph_of(f"{name}.cdx")
    assert (len(spdx[1]), len(spdx[3])) == (components + 1, edges)


def test_the_other_format_of_a_known_lockfile_says_nothing_new() -> None:
    take_in(sbom("small.cdx"), source="build")
    before = state()
    outcome = take_in(sbom("small.spdx"), source="build")
    assert (outcome.unchanged, outcome.conflicts, outcome.format) == (1, 0, "spdx")
    assert state() == before


def test_an_spdx_root_may_be_deployed() -> None:
    outcome = take_in(sbom("small.spdx"), environment="prod")
    assert (outcome.created, outcome.rejected) == (2, 0)
    assert take_in(sbom("small.spdx"), environment="prod").unchanged == 2
