"""Browsers of those who look at pages: owner, colleague, outsider, operator, stranger."""

import pytest
from django.test import Client

from tests.factories.people import person, signed_in

READERS = ("owner", "colleague", "outsider", "operator")


@pytest.fixture
def owner() -> Client:
    """Of the team that owns auth."""
    return signed_in(person("ana", "identity"))


@pytest.fixture
def colleague() -> Client:
    """Of the owner's team and of tv's."""
    return signed_in(person("ben", "identity", "tv"))


@pytest.fixture
def outsider() -> Client:
    """Of a team that owns nothing here."""
    return signed_in(person("mallory", "elsewhere"))


@pytest.fixture
def operator() -> Client:
    return signed_in(person("olga", is_staff=True))


@pytest.fixture
def stranger() -> Client:
    return Client()


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> Client:
    """Each person who is signed in, one after the other."""
    client: Client = request.getfixturevalue(request.param)
    return client
