"""How seconds are measured: once, the best of some rounds, the 95th of a hundred."""

from collections.abc import Callable, Iterable
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

ROUNDS = 10
MS = 1000.0


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


def get(client: Client, path: str) -> float:
    """Seconds until a page or an answer is there; raises RuntimeError on any but 200."""
    began = perf_counter()
    response = client.get(path)
    seconds = perf_counter() - began
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return seconds
