"""How far an asked upgrade has come, case by case."""

import pytest

from lifecycle.upgrade_progress import Progress, Taken, progress_of

OLD, NEW, GONE, NOTHING = Taken(True, "1.9.0"), Taken(True, "2.1.0"), Taken(False), Taken(True)


@pytest.mark.parametrize(
    ("newest", "running", "expected"),
    [
        ([OLD], [], "waiting"),
        ([OLD], [NEW], "waiting"),  # what comes next would go back
        ([NEW], [], "done"),
        ([NEW], [NEW], "done"),
        ([NEW], [NEW, OLD], "published"),
        ([GONE], [], "done"),
        ([GONE], [OLD], "published"),
        ([NEW, OLD], [], "waiting"),  # one of two requirements still takes the old one
        ([NOTHING], [], "waiting"),
        ([NEW], [NOTHING], "published"),
        ([], [], "waiting"),
    ],
)
def test_progress_is_judged_by_the_newest_and_by_all_that_runs(
    newest: list[Taken], running: list[Taken], expected: str
) -> None:
    found = progress_of("platform", "^2", newest=newest, running=running)
    assert found is Progress(expected)


def test_a_version_that_cannot_be_read_is_not_taken() -> None:
    odd = Taken(True, "latest-and-greatest")
    assert progress_of("platform", "^2", newest=[odd], running=[]) is Progress.WAITING
