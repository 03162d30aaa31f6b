"""Sign-in: who gets in, and where a stranger ends up."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password="a quiet evening")


def test_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/account/")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/account/"


def test_right_password_lets_in_and_returns_to_the_page_asked_for(
    client: Client, ana: User
) -> None:
    response = client.post(
        "/login/", {"username": "ana", "password": "a quiet evening", "next": "/account/"}
    )
    assert response.status_code == 302
    assert response["Location"] == "/account/"
    assert client.get("/account/").status_code == 200


def test_wrong_password_says_so_and_keeps_the_name(client: Client, ana: User) -> None:
    response = client.post("/login/", {"username": "ana", "password": "wrong"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'role="alert"' in page
    assert 'value="ana"' in page
    assert client.get("/account/").status_code == 302


def test_next_address_on_another_host_is_not_followed(client: Client, ana: User) -> None:
    client.force_login(ana)
    response = client.post("/account/theme/", {"theme": "dark", "next": "https://evil.example/"})
    assert response["Location"] == "/"
    assert response.cookies["theme"].value == "dark"


def test_unknown_theme_is_dropped(client: Client) -> None:
    response = client.post("/account/theme/", {"theme": "<script>", "next": "/login/"})
    assert response["Location"] == "/login/"
    assert response.cookies["theme"].value == ""


def test_chosen_theme_is_in_the_page(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/login/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in client.get("/login/").content.decode()


def test_no_page_carries_inline_script_or_style(client: Client, ana: User) -> None:
    pages = [client.get("/login/").content.decode()]
    client.force_login(ana)
    pages.append(client.get("/account/").content.decode())
    for page in pages:
        assert "<style" not in page
        assert " style=" not in page
        assert all(" src=" in part[:200] for part in page.split("<script")[1:])
