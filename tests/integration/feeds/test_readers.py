"""Who may read a feed, and who may not."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lineage.models import Team
from platform_ui.accounts.feed_tokens import MARK, find_feed_token, revoke_feed_token
from platform_ui.accounts.models import FeedToken
from tests.factories.people import api_client, person, signed_in
from tests.factories.platform import NOW, module
from tests.integration.feeds.conftest import token_for

pytestmark = pytest.mark.usefixtures("drawn")
BADGE = "/feeds/modules/platform/json/badge/dying.svg"


def test_nobody_reads_nothing_and_learns_nothing(nobody: Client) -> None:
    for path in (BADGE, BADGE.replace("json", "no-such-module")):
        response = nobody.get(path)
        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Bearer"
        assert b"json" not in response.content


def test_everybody_signed_in_reads(ana: User) -> None:
    for who in (ana, person("mallory", "elsewhere"), person("olga", is_staff=True)):
        assert signed_in(who).get(BADGE).status_code == 200


def test_an_api_token_reads_if_its_scope_is_to_read(ana: User) -> None:
    assert api_client(ana, "read").get(BADGE).status_code == 200
    assert api_client(ana, "lifecycle").get(BADGE).status_code == 401


def test_a_feed_token_reads_feeds_and_opens_no_other_door(ana: User, nobody: Client) -> None:
    secret = token_for(ana)
    assert nobody.get(BADGE, {"token": secret}).status_code == 200
    assert nobody.get("/modules/", {"token": secret}).status_code == 302
    assert nobody.get("/api/v1/modules/", {"token": secret}).status_code == 401
    bearer = {"headers": {"Authorization": f"Bearer {secret}"}}
    assert nobody.get("/api/v1/modules/", **bearer).status_code == 401
    assert nobody.post(BADGE, {"token": secret}).status_code == 405


def test_only_the_digest_of_a_secret_is_kept(ana: User) -> None:
    secret = token_for(ana)
    kept = FeedToken.objects.get()
    assert secret.startswith(MARK)
    assert secret not in (kept.digest, kept.prefix)
    assert find_feed_token(secret) == kept


def test_a_revoked_token_and_one_of_somebody_gone_read_nothing(ana: User, nobody: Client) -> None:
    secret, other = token_for(ana), token_for(ana)
    revoke_feed_token(FeedToken.objects.get(prefix=secret[:12], digest__gt=""), NOW)
    assert nobody.get(BADGE, {"token": secret}).status_code == 401
    assert nobody.get(BADGE, {"token": other}).status_code == 200
    ana.is_active = False
    ana.save()
    assert nobody.get(BADGE, {"token": other}).status_code == 401


def test_a_wrong_token_is_nobody_even_where_somebody_is_signed_in(ana: User) -> None:
    assert signed_in(ana).get(BADGE, {"token": "sunf_wrong"}).status_code == 401


def test_a_token_for_one_thing_reads_that_alone(ana: User, nobody: Client) -> None:
    secret = token_for(ana, module=module("json"))
    assert nobody.get(BADGE, {"token": secret}).status_code == 200
    other = nobody.get(BADGE.replace("json", "auth"), {"token": secret})
    none = nobody.get(BADGE.replace("json", "none"), {"token": secret})
    assert other.status_code == none.status_code == 404
    team = token_for(ana, team=Team.objects.get(name="data"))
    assert nobody.get(BADGE, {"token": team}).status_code == 404


def test_use_is_noted_once_a_minute(ana: User, nobody: Client) -> None:
    secret = token_for(ana)
    nobody.get(BADGE, {"token": secret})
    first = FeedToken.objects.get().last_used_at
    nobody.get(BADGE, {"token": secret})
    assert first is not None
    assert FeedToken.objects.get().last_used_at == first
