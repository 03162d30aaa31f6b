"""A small platform to ask about, and somebody who may ask."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.factories.people import api_client, person
from tests.factories.platform import platform

DRAWING = """
    json 1.0.0 (library) by data on 2025-01-01
    json 1.4.0 (library) by data on 2025-06-01
    json 2.0.0 (library) by data on 2025-09-01
    auth 2.3.1 (library) by identity on 2025-06-10 -> json@^1, yaml@2.x?
    tv-home 4.2.0 (script) by tv on 2025-07-01 -> auth@^2.0, json@>=1
    tv-home/prod runs tv-home 4.2.0 in prod since 2026-01-02 with auth@2.3.1
    tv-home/test runs tv-home 4.2.0 in test since 2026-03-01 for P7D
"""


@pytest.fixture
def drawn_platform(db: None) -> None:
    platform(DRAWING)


@pytest.fixture
def operator(db: None) -> User:
    return person("olga", is_staff=True)


@pytest.fixture
def client(operator: User) -> APIClient:
    """A client that may do all an operator may."""
    return api_client(operator, "read", "ingest", "lifecycle", "admin")
