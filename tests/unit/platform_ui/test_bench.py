"""What the bench compares is what it says it compares."""

import numpy as np
import pytest
from hypothesis import given

from lineage.graph.arrays import build
from lineage.graph.blast import dependent_modules
from lineage.graph.reach import dependents_reach
from platform_ui.bench.growth import copies
from platform_ui.bench.page import page
from platform_ui.bench.rows import Row, table
from tests.graph_strategies import pictures
from tests.graph_text import Picture


@given(pictures())
def test_copies_of_a_graph_are_that_many_graphs_side_by_side(picture: Picture) -> None:
    rows = picture.input()
    one, three = build(rows), build(copies(rows, 3))
    assert (three.versions, len(three.module_ids)) == (3 * one.versions, 3 * len(one.module_ids))
    assert len(three.out_target) == 3 * len(one.out_target)
    everything = np.ones(one.versions, dtype=bool)
    counts = dependent_modules(three, np.tile(everything, 3))
    assert counts.tolist() == np.tile(dependent_modules(one, everything), 3).tolist()
    for node in range(one.versions):
        mine = dependents_reach(one, np.array([node])).versions
        theirs = dependents_reach(three, np.array([node + one.versions])).versions
        assert theirs.tolist() == (mine + one.versions).tolist()


def test_a_row_without_a_target_is_neither_met_nor_missed() -> None:
    rows = [
        Row("quick", 5, "ms", 10, 2.5, "the limit"),
        Row("slow", 11, "ms", 10),
        Row("other", 20, "ms", None, 5, "ours"),
    ]
    assert [row.verdict for row in rows] == ["met", "MISS", ""]
    text = page(rows, machine="a machine")
    assert "| quick | 5.00 ms | 10.0 ms | met | 2.0 × the limit (2.5) |" in text
    assert "| other | 20.0 ms |  |  | 4.0 × ours (5) |" in text
    assert "- **slow**: 11.0 ms, target 10.0 ms. Cause: not known" in text
    assert table(rows).count("\n") == 3


def test_a_miss_is_told_with_its_cause_and_no_miss_is_told_too() -> None:
    text = page([Row("page /x/?tab=preview", 300, "ms", 200)], machine="a machine")
    assert "target 200 ms. Cause: a preview resolves" in text
    assert "None: every row" in page([Row("quick", 5, "ms", 10)], machine="a machine")


@pytest.mark.parametrize("times", [1, 2])
def test_nothing_copied_is_nothing(times: int) -> None:
    empty = Picture().input()
    assert build(copies(empty, times)).versions == 0


def test_a_miss_of_the_clock_alone_says_that_it_waited() -> None:
    text = page([Row("page /x/", 300, "ms", 200, cpu=50)], machine="")
    assert "300 ms (50.0 ms of its own work), target 200 ms. Cause: it waited" in text
    assert "| 300 ms | 200 ms | MISS | 50.0 ms of its own work |" in text
    busy = Row("page /x/?tab=preview", 300, "ms", 200, cpu=250)
    assert "Cause: a preview" in page([busy], machine="")
