"""Shapes no registry has yet: a module with 50,000 dependents and a cycle of 300 modules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from platform_ui.bench.rows import Row
from platform_ui.bench.timing import browser, get, served

DEPENDENTS, RING, ROUNDS = 50_000, 300, 10
RANGES = ("^1", "^2", ">=1")
HUB, RUNG = "modules/platform/bench-hub/", "modules/platform/bench-ring-7/"
ANSWERS = (
    (f"{HUB}dependents/", 20), (f"{HUB}dependents/?transitive=true", 80), (f"{HUB}graph/", 200),
    (f"{HUB}removal/?range=1.x", 200), (f"{HUB}uptake/", 200), ("cycles/", 200),
)  # fmt: skip
PAGES = (
    HUB, f"{HUB}?tab=dependents", f"{HUB}?tab=dependents&transitive=1", f"{HUB}?tab=graph",
    f"{HUB}?tab=removal&range=1.x", f"{HUB}?tab=uptake", "modules/?sort=-blast", "cycles/",
    "cycles/?module=bench-ring-7", RUNG, f"{RUNG}?tab=graph&depth=4",
)  # fmt: skip


def write_extremes(path: Path) -> None:
    """Write both as records."""
    with path.open("wb") as file:
        for record in _records():
            file.write(msgspec.json.encode(record) + b"\n")


def _records() -> Iterator[dict[str, Any]]:
    for number in ("1.0.0", "2.0.0"):
        yield {"type": "version", "module": "bench-hub", "version": number}
    for n in range(DEPENDENTS):
        yield _version(f"bench-app-{n}", "bench-hub", RANGES[n % len(RANGES)])
    for n in range(RING):
        yield _version(f"bench-ring-{n}", f"bench-ring-{(n + 1) % RING}", "^1")


def _version(module: str, needs: str, range: str) -> dict[str, Any]:
    dependencies = [{"module": needs, "range": range}]
    return {"type": "version", "module": module, "version": "1.0.0", "dependencies": dependencies}


def extreme_rows() -> list[Row]:
    """Answers and pages about both, p95."""
    client = browser()
    asked = [(f"/api/v1/{path}", target) for path, target in ANSWERS]
    asked += [(f"/{path}", 200) for path in PAGES]
    rows = []
    for path, target in asked:
        get(client, path)
        rows.append(served(path, [get(client, path) for _ in range(ROUNDS)], target))
    return rows
