"""Other means find as many dependents as ours do."""

import numpy as np
import pytest

from lineage.graph.reach import dependents_reach
from lineage.selectors.view import current_view
from platform_ui.bench.extremes import write_extremes
from platform_ui.bench.growth import growth_rows
from platform_ui.bench.limit import compiled_search, scipy_search
from platform_ui.bench.peers import _ancestors, _searches, peer_rows
from tests.factories.platform import NOW, platform

pytestmark = pytest.mark.django_db


def test_every_peer_finds_the_same_versions() -> None:
    platform("""
        hub 1.0.0
        a 1.0.0 -> hub@^1
        b 1.0.0 -> a@*, hub@*?
        c 1.0.0 -> b@^1, c@*
        d 1.0.0 -> e@*
    """)
    view = current_view(NOW)
    for root in range(view.graph.versions):
        ours = set(dependents_reach(view.graph, np.array([root])).versions.tolist())
        for name, search in _searches(view):
            if "query" not in name and "scipy" not in name:
                assert set(search(root)) - {root} == ours, name
        for _, search in (compiled_search(view.graph), scipy_search(view.graph)):
            assert search(root) == len(ours)
        # The query counts a root that a cycle leads back to.
        assert _ancestors(int(view.graph.version_ids[root])) - len(ours) in (0, 1)
    assert [row.target for row in peer_rows(view, [0], 1.0)] == [None] * len(list(_searches(view)))


def test_growth_compares_each_stage_with_the_first_scale() -> None:
    platform("a 1.0.0 -> b@^1", "b 1.0.0")
    rows = growth_rows([1, 2])
    assert len(rows) == 10
    assert [row.ratio for row in rows[:5]] == [1.0] * 5
    assert all(row.work.startswith("×2: ") for row in rows[5:])


def test_the_extremes_are_records_that_go_in(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("platform_ui.bench.extremes.DEPENDENTS", 6)
    monkeypatch.setattr("platform_ui.bench.extremes.RING", 8)
    write_extremes(tmp_path / "extremes.ndjson")
    lines = (tmp_path / "extremes.ndjson").read_text().splitlines()
    assert len(lines) == 2 + 6 + 8
