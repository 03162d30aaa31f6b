"""How seconds are measured: once, the best of some rounds, the 95th of a hundred."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from platform_ui.bench.rows import Row

ROUNDS = 10
MS = 1000.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What an answer took: seconds by the clock, and of them by this process's own work."""

    wall: float
    cpu: float


def once(work: Callable[[], Any]) -> float:
    """Seconds of one run."""
    began = perf_counter()
    work()
    return perf_counter() - began


def best(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Seconds of the fastest of some runs."""
    return min(once(work) for _ in range(rounds))


def p95(seconds: Iterable[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[-1]


def browser() -> Client:
    """Somebody signed in who may see everything."""
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_staff": True})
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def get(client: Client, path: str) -> Spent:
    """What a page or an answer takes; raises RuntimeError on any but 200."""
    began, worked = perf_counter(), process_time()
    response = client.get(path)
    spent = Spent(perf_counter() - began, process_time() - worked)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return spent


def served(work: str, spent: Iterable[Spent], target: float) -> Row:
    """The 95th percentile of answers, in ms, with that of the work in them."""
    each = list(spent)
    wall, cpu = p95([one.wall for one in each]), p95([one.cpu for one in each])
    return Row(work, wall * MS, "ms", target, cpu=cpu * MS)
