"""Any interleaving of ingest, sweeps, clock, people, executors and deaths keeps the promises.

How many runs: SUNDIAL_MACHINE_RUNS, 30 unless said.
"""

import gc
import os
from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sunset_machine.machine import How, Machine, lay_out

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    # Who dies while it reads leaves its cursor to the server, which forgets it.
    pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning"),
]
RUNS = int(os.environ.get("SUNDIAL_MACHINE_RUNS", "30"))

place, yes = st.integers(0, 4), st.booleans()
module = st.sampled_from(["auth", "jwt", "relic"])
number = st.sampled_from(["1.0.0", "1.2.0", "1.1.0", "2.0.0", "3.0.0"])


def step(name: str, *parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.just(name), *parts)


STEPS = st.one_of(
    step("use", module, st.integers(1, 2)),
    step("run", st.just("auth"), st.sampled_from(["1.0.0", "1.1.0", "2.0.0"])),
    step("end", place),
    step("preview"),
    step("extend", place),
    step("start anew", place),
    step("publish", module, number),
    step("hand over", module, st.sampled_from(["identity", "tv", "platform"])),
    step("ingest again", st.integers(0, 12)),
    step("sweep"),
    step("tell"),
    step("wait", st.sampled_from([1, 24, 72, 200, 800])),
    step("drive"),
    step("drive"),
    step("drive"),
    step("freeze", place, yes),
    step("answer", st.integers(0, 1), st.integers(0, 2)),
    step("answer", st.integers(0, 1), st.integers(0, 2)),
    step("try again"),
    step("announce", place, st.integers(0, 3), yes),
    step("announce", place, st.integers(0, 3), st.just(False)),
    step("execute", place),
    step("go on", place, yes),
    step("cancel", place),
    step("restore", place, st.none()),
    step("restore", place, st.none() | place),
    step("stop"),
    step("let go on"),
)
HOW = st.builds(
    How,
    executor=st.sampled_from(["record", "webhook"]),
    grace=st.sampled_from([0, 0, 2]),
    batch=st.sampled_from([1, 2, 500]),
    cap=st.sampled_from([0, 4, 5_000]),
    is_automatic=st.sampled_from([False, False, True]),
    comes_to_rest=st.sampled_from([False, False, True]),
)
KILL = st.none() | st.none() | st.integers(1, 120)


@pytest.fixture
def platform(db: None) -> None:
    lay_out()


@pytest.fixture
def _forgotten() -> Iterator[None]:
    """What the dead left is cleared away here, not in the middle of another test."""
    yield
    gc.collect()


@pytest.mark.usefixtures("_forgotten")
@given(HOW, st.lists(st.tuples(STEPS, KILL), min_size=4, max_size=18))
@settings(
    max_examples=RUNS,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_any_interleaving_keeps_every_promise(
    platform: None, how: How, steps: list[tuple[tuple, int | None]]
) -> None:
    with transaction.atomic():
        machine = Machine(how)
        machine.take(("tell",))
        for taken, kill in steps:
            machine.take(taken, kill)
        machine.come_to_rest()
        transaction.set_rollback(True)
