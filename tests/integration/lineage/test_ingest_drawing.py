"""The drawing that other tests are built on says what it seems to say."""

from datetime import UTC, datetime

import pytest

from lineage.models import Dependency
from tests.factories.platform import deployments_of, drawn, module, platform, version

pytestmark = pytest.mark.django_db


def test_a_drawing_becomes_modules_versions_edges_and_deployments() -> None:
    outcome = platform(
        """
        json 1.4.0 on 2026-01-05
        auth 2.0.0 (library) by identity on 2026-01-06 -> json@>=1 <2, yaml@2.x?
        tv/prod runs tv 1.0.0 in prod
        tv/test runs tv 1.1.0 in test since 2026-02-01 until 2026-02-03 for P7D with json@1.4.0
        """,
        {"type": "yank", "module": "json", "version": "1.4.0"},
    )
    assert (outcome.accepted, outcome.created, outcome.rejected) == (5, 5, 0)
    assert module("auth").owner.name == "identity"
    assert version("auth@2.0.0").published_at == datetime(2026, 1, 6, tzinfo=UTC)
    assert version("json@1.4.0").yanked_at is not None
    edges = Dependency.objects.values_list("requirement__module__name", "requirement__range")
    assert set(edges.filter(scope=0)) == {("json", ">=1 <2")}
    assert set(edges.filter(scope=1)) == {("yaml", "2.x")}
    (live,) = deployments_of("tv/prod")
    assert (live.environment.tier, live.ended_at) == ("prod", None)
    (ended,) = deployments_of("tv/test")
    assert ended.ended_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert ended.ttl == 7 * 86_400
    assert [str(v) for v in ended.profile.versions.all()] == ["json 1.4.0"]


def test_a_line_that_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="not a line"):
        drawn("auth")
