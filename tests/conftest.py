"""What every test shares: a steady property profile and a clean place to write."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from hypothesis import settings as property_settings

# A slow machine must not fail a property.
property_settings.register_profile("steady", deadline=None)
property_settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def var_dir() -> Iterator[Path]:
    """The folder this process writes to; gone when the session ends."""
    yield Path(settings.VAR_DIR)
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No answer outlives its test."""
    cache.clear()
