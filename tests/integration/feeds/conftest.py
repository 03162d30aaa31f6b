"""A platform with feeds to read, and everybody who might."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lineage.models import Module, Team
from platform_ui.accounts.feed_tokens import issue_feed_token
from tests.factories.people import person
from tests.factories.platform import NOW, platform

DRAWING = """
    json 1.0.0 (library) by data on 2025-01-01
    json 1.4.0 (library) by data on 2025-06-01
    json 2.0.0 (library) by data on 2025-09-01
    auth 2.3.1 (library) by identity on 2025-06-10 -> json@^1
    auth 2.4.0 (library) by identity on 2025-12-10 -> json@^2
    tv-home 4.2.0 (script) by tv on 2025-07-01 -> auth@^2.0, json@^1
    tv-home/prod runs tv-home 4.2.0 in prod since 2026-01-02 for P900D
"""
DYING = {
    "type": "deprecation",
    "module": "json",
    "range": "1.x",
    "message": "leave it",
    "deprecated_at": "2026-02-01T00:00:00Z",
    "sunset_at": "2099-06-01T00:00:00Z",
}


@pytest.fixture
def drawn(db: None) -> None:
    platform(DRAWING, DYING)


@pytest.fixture
def ana(db: None) -> User:
    return person("ana", "identity")


def token_for(user: User, *, module: Module | None = None, team: Team | None = None) -> str:
    """The secret of a new feed token."""
    return issue_feed_token(user, "reader", NOW, module=module, team=team)[1]


@pytest.fixture
def nobody() -> Client:
    return Client()
