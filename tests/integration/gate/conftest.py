"""A platform on which something is wrong in every way the gate knows."""

import pytest

from tests.factories.platform import platform

DRAWING = """
    json 1.0.0 (library) by data on 2023-01-01
    json 1.4.0 (library) by data on 2023-06-01
    json 1.4.1 (library) by data on 2023-07-01
    json 2.0.0 (library) by data on 2025-06-01
    json 3.0.0 (library) by data on 2025-09-01
    auth 1.0.0 (library) by identity on 2025-06-10
    auth 1.1.0 (library) by identity on 2025-07-10
    auth 2.0.0 (library) by identity on 2025-08-10
    old 1.0.0 (library) by data on 2025-06-10
    old 1.0.1 (library) by data on 2025-06-11
    dead 1.0.0 (library) by data on 2025-06-10
"""
RECORDS = (
    {"type": "yank", "module": "json", "version": "1.4.0", "reason": "broken build"},
    {"type": "deprecation", "module": "auth", "range": "1.x", "sunset_at": "2099-06-01",
     "message": "leave it", "replacement": "^2"},
    {"type": "deprecation", "module": "old", "range": "1.0.0", "message": "old"},
    {"type": "yank", "module": "dead", "version": "1.0.0"},
)  # fmt: skip


@pytest.fixture
def troubled(db: None) -> None:
    platform(DRAWING, *RECORDS)
