"""Records in any order, twice or late end in the same state."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.models import Deployment, Requirement
from lineage.services.epoch import current_epoch
from tests.factories.platform import (
    NOW,
    Record,
    deployments_of,
    drawn,
    lines_of,
    load,
    module,
    take_in,
    told,
    version,
)
from tests.lineage_state import state, written_tables

pytestmark = pytest.mark.django_db

EVERY_TYPE = [
    {"type": "source", "name": "ci", "cadence": "P1D", "vouches_since": "2026-01-01"},
    {"type": "source", "name": "other", "simulated": True},
    {"type": "team", "name": "identity", "email": "identity@example.com"},
    {"type": "environment", "name": "test", "tier": "preprod", "ttl": "P7D"},
    *drawn("""
    json 1.3.0 on 2025-12-01
    json 1.4.0 on 2026-01-05
    json 2.0.0-rc.1
    auth 1.0.0 (library) by identity on 2025-11-01 -> json@^1
    auth 1.1.0 (service) by media on 2025-12-01 -> json@^1, yaml@*?, ghost@^1
    auth 2.0.0 on 2026-02-01 -> json@>=2.0.0-0, auth@^1
    tv 1.0.0 (script) -> auth@1.x, json@1.4.0
    tv/prod runs tv 1.0.0 in prod with json@1.3.0, auth@1.1.0
    tv/prod runs tv 1.1.0 in prod since 2026-02-01
    tv/prod runs tv 1.0.0 in prod since 2026-03-01 for P9D
    tv/test runs tv 1.0.0 in test since 2026-02-01 with json@1.3.0
    tv/lab runs tv 1.0.0 in lab since 2026-02-01 until 2026-02-02
    """),
    {"module": "yanked", "version": "1.0.0", "yanked": True, "published_at": "2026-01-09"},
    {"module": "web", "version": "1.0.0", "ecosystem": "npm", "ttl": "P3D", "digest": "sha256:a"},
    {
        "type": "deployment", "id": "tv/lab/2", "module": "tv", "version": "1.0.0", "tier": "prod",
        "environment": "lab", "started_at": "2026-02-03", "last_used_at": "2026-02-04",
    },
    {
        "type": "deployment", "id": "web/prod", "module": "web", "version": "1.0.0",
        "ecosystem": "npm", "environment": "prod", "started_at": "2026-02-03",
    },
    {"type": "usage", "deployment": "tv/prod", "last_used_at": "2026-01-15", "requests": 4},
    {"type": "usage", "deployment": "tv/prod", "last_used_at": "2026-01-15", "requests": 9},
    {"type": "usage", "deployment": "tv/prod", "last_used_at": "2026-02-15"},
    {"type": "deployment_ended", "deployment": "tv/prod", "ended_at": "2026-01-20"},
    {"type": "deployment_ended", "deployment": "tv/test", "ended_at": "2026-02-20"},
    {"type": "deployment_ended", "deployment": "nobody/knows", "ended_at": "2026-02-20"},
    {"type": "deprecation", "module": "auth", "range": "1.x", "deprecated_at": "2026-01-01"},
    {"type": "deprecation", "module": "auth", "range": "1.x", "deprecated_at": "2026-02-01",
     "message": "CVE", "replacement": "^2", "sunset_at": "2026-06-01"},
    {"type": "deprecation", "module": "auth", "range": "1.0.x", "message": "old"},
    {"type": "deprecation", "module": "later", "range": "*"},
    {"type": "yank", "module": "json", "version": "1.4.0", "yanked_at": "2026-03-01"},
    {"type": "yank", "module": "json", "version": "1.4.0", "reason": "broken build"},
    {"type": "yank", "module": "json", "version": "1.9.0", "reason": "never seen"},
]  # fmt: skip


def test_the_document_speaks_every_type_and_all_of_it_is_taken() -> None:
    outcome = told(*EVERY_TYPE)
    assert {record.get("type", "version") for record in EVERY_TYPE} == {
        "source", "team", "environment", "version", "deployment", "usage", "deployment_ended",
        "deprecation", "yank",
    }  # fmt: skip
    assert outcome.accepted == len(EVERY_TYPE)
    assert [name for name, rows in state().items() if not rows] == [
        # Nothing is sunset, only events tell of deletions, and one source speaks.
        "Retirement", "EnvironmentDeletion", "Witness",
    ]  # fmt: skip


@pytest.mark.slow
def test_any_order_in_any_number_of_documents_with_repetitions_ends_in_one_state() -> None:
    expected = state_after([EVERY_TYPE])

    @settings(max_examples=25)
    @given(
        st.permutations(EVERY_TYPE + EVERY_TYPE[::3]),
        st.lists(st.integers(1, len(EVERY_TYPE)), max_size=3, unique=True).map(sorted),
    )
    def ends_in_it(records: list[Record], cuts: list[int]) -> None:
        pieces = zip([0, *cuts], [*cuts, len(records)], strict=True)
        assert state_after([records[start:stop] for start, stop in pieces]) == expected

    ends_in_it()


def state_after(documents: list[list[Record]]) -> dict[str, list[Any]]:
    """What is known after the documents, which are then forgotten again."""
    with transaction.atomic():
        for records in documents:
            assert load(io.BytesIO(lines_of(records))).accepted == len(records)
        found = state()
        transaction.set_rollback(True)
    return found


def test_a_document_taken_in_twice_changes_nothing_and_rewrites_no_row() -> None:
    told(*EVERY_TYPE)
    before, epoch = state(), current_epoch().number
    with CaptureQueriesContext(connection) as queries:
        again = told(*EVERY_TYPE)
    assert (again.created, again.changed, again.unchanged) == (0, 0, len(EVERY_TYPE))
    assert again.epoch == current_epoch().number == epoch
    assert state() == before
    # A team's address is written where it differs: that update finds no row here.
    written = written_tables(queries.captured_queries) - {"lineage_team"}
    assert written == {"lineage_ingestrun", "lineage_source"}


def test_a_dependency_on_an_unknown_module_is_a_placeholder_until_it_is_published() -> None:
    told("auth 1.0.0 -> json@^1")
    requirement = Requirement.objects.get(module__name="json")
    assert module("json").is_placeholder
    assert not module("auth").is_placeholder
    assert requirement.resolved_version is None
    outcome = told("json 1.2.0")
    requirement.refresh_from_db()
    assert not module("json").is_placeholder
    assert requirement.resolved_version == version("json@1.2.0")
    assert (outcome.created, outcome.changed) == (1, 0)


def test_a_version_first_named_by_a_deployment_is_filled_by_its_own_record() -> None:
    told("tv/prod runs tv 1.0.0 in prod with auth@1.0.0")
    named = version("tv@1.0.0")
    assert named.is_placeholder
    assert version("auth@1.0.0").is_placeholder
    outcome = told("tv 1.0.0 (script) by media on 2026-01-01 -> auth@^1")
    filled = version("tv@1.0.0")
    assert outcome.created == 1
    assert filled.pk == named.pk
    assert (filled.is_placeholder, filled.kind, filled.owner.name) == (False, "script", "media")
    assert version("auth@1.0.0").is_placeholder
    assert deployments_of("tv/prod")[0].version == filled


def test_what_may_change_is_taken_from_the_record_that_came_last() -> None:
    told({"module": "auth", "version": "1.0.0", "owner": "media", "digest": "sha256:a"})
    outcome = told({"module": "auth", "version": "1.0.0", "owner": "identity", "ttl": "P1D"})
    found = version("auth@1.0.0")
    assert (outcome.created, outcome.changed) == (0, 1)
    assert (found.owner.name, found.ttl, found.digest) == ("identity", 86_400, "sha256:a")
    assert module("auth").owner.name == "identity"


def test_kind_and_owner_are_those_of_the_newest_version_that_states_them() -> None:
    told("auth 2.0.0 (service) by identity", "auth 1.0.0 (library) by media", "auth 3.0.0")
    assert (module("auth").kind, module("auth").owner.name) == ("service", "identity")


def test_a_late_end_and_a_late_start_fall_where_their_instants_say() -> None:
    told("tv/prod runs tv 3.0.0 in prod since 2026-03-01")
    told({"type": "deployment_ended", "deployment": "tv/prod", "ended_at": "2026-01-20"})
    told("tv/prod runs tv 1.0.0 in prod since 2026-01-01")
    told("tv/prod runs tv 2.0.0 in prod since 2026-02-01")
    ends = [(d.version.version, d.end_reason, d.ended_at) for d in deployments_of("tv/prod")]
    assert ends == [
        ("1.0.0", "reported", datetime(2026, 1, 20, tzinfo=UTC)),
        ("2.0.0", "replaced", datetime(2026, 3, 1, tzinfo=UTC)),
        ("3.0.0", "", None),
    ]


def test_a_yank_in_the_document_that_publishes_the_version_is_not_written_over() -> None:
    told("tv/prod runs tv 1.0.0 in prod")
    told(
        {"type": "yank", "module": "auth", "version": "1.0.0"},
        "tv 1.0.0",
        {"type": "yank", "module": "tv", "version": "1.0.0", "reason": "broken build"},
    )
    found = version("tv@1.0.0")
    assert (found.yanked_at, found.yank_reason) == (NOW, "broken build")


def test_a_document_packed_or_plain_is_the_same_document() -> None:
    take_in(lines_of(EVERY_TYPE, pack=True))
    before = state()
    assert take_in(lines_of(EVERY_TYPE)).unchanged == len(EVERY_TYPE)
    assert state() == before
    assert Deployment.objects.count() == 7
