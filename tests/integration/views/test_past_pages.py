"""Pages about the past say so, keep the day in their links and lead back to now."""

import pytest
from django.test import Client

from tests.integration.views.addresses import AUTH, busy_platform
from tests.pages import open_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", [f"{AUTH}?tab=dependents", f"{AUTH}?tab=dependencies", "/deployments/?state=all"]
)
def test_a_page_about_the_past_says_so_and_leads_back(owner: Client, address: str) -> None:
    busy_platform()
    assert "back to now" not in open_page(owner, address).words
    words = open_page(owner, f"{address}&as_of=2024-08-01").words
    assert "As of 1 August 2024" in words
    assert "back to now" in words
    assert "Nothing was known then" in open_page(owner, f"{address}&as_of=2001-01-01").words
    assert "back to now" not in open_page(owner, f"{address}&as_of=2999-01-01").words


def test_dependents_of_the_past_link_to_the_deployments_of_that_day(owner: Client) -> None:
    busy_platform()
    response = owner.get(f"{AUTH}?tab=dependents&as_of=2024-08-01")
    assert "version=1.0.0&amp;as_of=2024-08-01" in response.content.decode()
