"""Consumers with something of every urgency, and everybody who may look at them."""

import pytest
from django.test import Client
from django.utils import timezone

from lifecycle.permissions import SCOPES, Actor
from lineage.models import Team
from tests.factories.people import person, signed_in
from tests.factories.platform import platform

DRAWING = """
    json 1.4.0 (library) by data on 2025-01-01
    json 1.4.1 (library) by data on 2025-01-10
    json 2.0.0 (library) by data on 2025-06-01
    yaml 1.0.0 (library) by data on 2025-01-01
    yaml 2.0.0 (library) by data on 2025-06-01
    old 1.0.0 (library) by data on 2025-01-01
    old 2.0.0 (library) by data on 2025-06-01
    xml 1.0.0 (library) by data on 2025-01-01
    xml 1.1.0 (library) by data on 2025-06-01
    tv-home 4.2.0 (script) by tv on 2025-07-01 -> json@1.4.0, yaml@^1, old@^1, xml@^1
    tv-home/prod runs tv-home 4.2.0 in prod with xml@1.0.0
"""
DYING = {"type": "deprecation", "module": "old", "range": "1.x", "sunset_at": "2099-06-01"}


@pytest.fixture
def consumers(db: None) -> None:
    platform(DRAWING, DYING, now=timezone.now())


@pytest.fixture
def owner(consumers: None) -> Client:
    """Of the team that owns tv-home."""
    return signed_in(person("tina", "tv"))


@pytest.fixture
def outsider(consumers: None) -> Client:
    return signed_in(person("mallory", "elsewhere"))


@pytest.fixture
def stranger() -> Client:
    return Client()


@pytest.fixture
def tina(consumers: None) -> Actor:
    """May act for tv."""
    team = Team.objects.get(name="tv")
    return Actor("tina", team_ids=frozenset({team.pk}), scopes=frozenset(SCOPES))
