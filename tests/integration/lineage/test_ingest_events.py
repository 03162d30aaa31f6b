"""Events change the state they describe, once, in whatever order they come."""

import io
import json
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from lineage.models import Deployment, Environment, Module, Version
from lineage.services.epoch import current_epoch
from tests.factories.events import cloud, event
from tests.factories.platform import deployments_of, lines_of, load, platform, take_in, told
from tests.factories.platform import version as version_of
from tests.lineage_state import state
from tests.shared_data import SHARED, shared_path

pytestmark = pytest.mark.django_db

Event = dict[str, Any]
CASES = "suites/cdevents/v0.5.1/conformance"
STATING = ("artifact_deleted", "artifact_published", "environment_", "service_")


def day(number: int) -> str:
    return f"2026-03-{number:02}T10:00:00Z"


def at(number: int) -> datetime:
    return datetime.fromisoformat(day(number))


def service(predicate: str, number: int, version: str = "", *, place: str = "prod") -> Event:
    content: Event = {"environment": {"id": place}}
    if version:
        content["artifactId"] = f"pkg:npm/shop@{version}"
    return event("service", predicate, "shop", content, at=day(number))


def place(predicate: str, number: int, **content: str) -> Event:
    return event("environment", predicate, "prod", content, at=day(number))


def artifact(
    predicate: str, number: int, purl: str = "pkg:npm/shop@1.0.0", **content: str
) -> Event:
    return event("artifact", predicate, purl, content, at=day(number))


def take(*events: Event) -> Any:
    return take_in(lines_of(events))


def ends(key: str = "shop/prod") -> list[tuple[str, str, datetime | None]]:
    return [(d.version.version, d.end_reason, d.ended_at) for d in deployments_of(key)]


def facts() -> dict[str, list[Any]]:
    """What is known, whatever the number of epochs it took."""
    return {name: rows for name, rows in state().items() if name != "EpochChange"}


def same_end_of(*events: Event) -> dict[str, list[Any]]:
    """The one state all orders of arrival, each event twice, end in."""
    found = []
    for order in permutations(events):
        with transaction.atomic():
            for one in (*order, order[0]):
                outcome = told(one)
                assert (outcome.rejected, outcome.conflicts) == (0, 0)
            assert outcome.unchanged == 1
            found.append(facts())
            transaction.set_rollback(True)
    for end in found:
        assert end == found[0]
    return found[0]


def test_all_conformance_events_are_accepted_and_only_ten_change_anything() -> None:
    names = sorted(path.name for path in shared_path(CASES).glob("*.json"))
    assert len(names) == 45
    for name in names:
        before, epoch = state(), current_epoch().number
        outcome = take_in((SHARED / CASES / name).read_bytes())
        assert (outcome.accepted, outcome.rejected, outcome.conflicts) == (1, 0, 0), name
        if not name.startswith(STATING):
            assert (outcome.unchanged, state(), current_epoch().number) == (1, before, epoch), name
    module = Module.objects.get(ecosystem="oci", name="myapp")
    assert module.versions.get().version.startswith("sha256:0b31")
    published = Version.objects.get(module__ecosystem="golang")
    assert published.module.name == "mygit.com/myorg/myapp"
    assert (published.published_at, published.yanked_at) == (
        datetime.fromisoformat("2023-03-20T14:27:05.315384+00:00"),
    ) * 2
    environment = Environment.objects.get(name="mySubject123")
    assert (environment.label, environment.url) == ("testEnv", "https://example.org/testEnv")
    assert environment.deletions.count() == 1
    assert Deployment.objects.get().key == "mySubject123/test123"


@pytest.mark.parametrize("name", ["service_deployed", "service_upgraded", "service_rolledback"])
def test_each_conformance_event_of_a_service_brings_its_artifact_to_life(name: str) -> None:
    outcome = take_in(shared_path(f"{CASES}/{name}.json").read_bytes())
    assert outcome.created == 1
    deployment = Deployment.objects.get()
    assert (deployment.ended_at, deployment.environment.name) == (None, "test123")


def test_deployed_upgraded_rolled_back_and_removed() -> None:
    take(
        service("deployed", 1, "1.0.0"),
        service("upgraded", 2, "2.0.0"),
        service("rolledback", 3, "1.0.0"),
        service("removed", 4),
    )
    assert ends() == [
        ("1.0.0", "replaced", at(2)),
        ("2.0.0", "replaced", at(3)),
        ("1.0.0", "reported", at(4)),
    ]
    assert not Deployment.objects.live().exists()


def test_services_end_the_same_in_any_order_and_told_twice() -> None:
    end = same_end_of(
        service("deployed", 1, "1.0.0"),
        service("published", 2),
        service("upgraded", 3, "2.0.0"),
        service("removed", 4),
    )
    assert len(end["Deployment"]) == 2


def test_a_publication_is_kept_with_the_deployment_it_concerns() -> None:
    take(service("published", 2), service("deployed", 1, "1.0.0"), service("published", 5))
    take(service("upgraded", 4, "2.0.0"))
    assert [d.published_at for d in deployments_of("shop/prod")] == [at(2), at(5)]
    assert [d.last_used_at for d in deployments_of("shop/prod")] == [None, None]


def test_a_deleted_environment_ends_what_ran_there_and_nothing_that_came_later() -> None:
    end = same_end_of(
        service("deployed", 1, "1.0.0"),
        place("deleted", 2),
        place("created", 3, name="Again"),
        service("deployed", 4, "2.0.0"),
    )
    assert len(end["EnvironmentDeletion"]) == 1
    take(service("deployed", 1, "1.0.0"), place("deleted", 2), service("deployed", 4, "2.0.0"))
    assert ends() == [("1.0.0", "reported", at(2)), ("2.0.0", "", None)]
    take(service("deployed", 1, "1.0.0", place="test"))
    assert ends("shop/test") == [("1.0.0", "", None)]


def test_an_end_before_the_deletion_stands_and_use_goes_on_to_be_counted() -> None:
    take(service("deployed", 1, "1.0.0"), service("removed", 2), place("deleted", 3))
    assert ends() == [("1.0.0", "reported", at(2))]
    take(service("deployed", 4, "1.0.0"), place("deleted", 6), place("deleted", 5))
    assert ends()[1] == ("1.0.0", "reported", at(5))


def test_the_later_description_of_an_environment_stands() -> None:
    same_end_of(
        place("created", 1, name="Prod", uri="https://a.example"),
        place("modified", 2, name="Production", uri="https://b.example"),
        place("modified", 2, name="Production", uri="https://c.example"),
        place("deleted", 3),
    )
    take(place("modified", 2, name="Production"), place("created", 1, name="Prod"))
    found = Environment.objects.get()
    assert (found.label, found.described_at, found.tier) == ("Production", at(2), "prod")
    assert not found.is_declared


def test_a_tier_is_told_by_a_name_until_a_record_declares_it() -> None:
    take(event("environment", "created", "e-17", {"name": "Live"}))
    assert Environment.objects.get().tier == "prod"
    platform({"type": "environment", "name": "e-17", "tier": "preprod"})
    take(event("environment", "modified", "e-17", {"name": "Production"}, at=day(9)))
    assert Environment.objects.get().tier == "preprod"


def test_an_artifact_is_published_and_deleted_in_any_order() -> None:
    same_end_of(
        artifact("published", 1, user="ana"),
        artifact("published", 2, user="bob"),
        artifact("deleted", 3),
        service("deployed", 2, "1.0.0"),
    )
    take(artifact("deleted", 3), artifact("published", 1, user="ana"))
    found = version_of("shop@1.0.0", "npm")
    assert (found.published_at, found.yanked_at) == (at(1), at(3))
    assert (found.metadata, found.is_placeholder) == ({"published_by": "ana"}, False)
    assert not found.module.is_placeholder


def test_a_version_record_outranks_an_event_whichever_comes_first() -> None:
    record = {
        "module": "shop",
        "version": "1.0.0",
        "ecosystem": "npm",
        "published_at": day(7),
        "dependencies": [{"module": "json", "range": "^1"}],
    }
    purl = "pkg:npm/shop@1.0.0?checksum=sha256:0123456789abcdef"
    end = same_end_of(record, artifact("published", 1, purl), artifact("deleted", 2, purl))
    assert len(end["Dependency"]) == 1
    told(record, artifact("published", 1, purl))
    found = version_of("shop@1.0.0", "npm")
    assert (found.published_at, found.digest) == (at(7), "sha256:0123456789abcdef")


def test_an_sbom_and_an_event_of_one_version_end_in_one_state() -> None:
    bom = json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "metadata": {
                "timestamp": day(3),
                "component": {"type": "application", "name": "s", "purl": "pkg:npm/shop@1.0.0"},
            },
        }
    ).encode()
    found = []
    for order in permutations([bom, lines_of([artifact("published", 1)])]):
        with transaction.atomic():
            assert [take_in(data).conflicts for data in order] == [0, 0]
            found.append(facts())
            transaction.set_rollback(True)
    assert found[0] == found[1]


def test_another_digest_is_a_conflict_and_what_was_known_stays() -> None:
    take(artifact("published", 1, "pkg:npm/shop@1.0.0?checksum=sha256:0123456789abcdef"))
    before = state()
    outcome = take(artifact("published", 1, "pkg:npm/shop@1.0.0?checksum=sha256:fedcba9876543210"))
    assert (outcome.conflicts, outcome.accepted) == (1, 0)
    assert state() == before


def test_another_version_at_the_same_instant_is_a_conflict() -> None:
    take(service("deployed", 1, "1.0.0"))
    assert take(service("deployed", 1, "2.0.0")).conflicts == 1
    assert ends() == [("1.0.0", "", None)]


def test_the_source_of_events_vouches_for_the_ecosystem() -> None:
    take(service("deployed", 1, "1.0.0"))
    deployment = Deployment.objects.get()
    assert deployment.source is not None
    assert list(deployment.source.coverages.values_list("ecosystem", "since")) == [("npm", at(1))]


def test_a_version_that_is_none_of_its_scheme_is_kept_by_name_in_any_order() -> None:
    purl = "pkg:npm/shop@234fd47e07d1"
    end = same_end_of(
        service("deployed", 1, "234fd47e07d1"),
        artifact("published", 1, purl),
        artifact("deleted", 2, purl),
    )
    assert (len(end["Version"]), len(end["Deployment"])) == (1, 1)


def test_a_batch_counts_good_and_bad() -> None:
    good, bad = service("deployed", 1, "1.0.0"), service("deployed", 2)
    batch = json.dumps([cloud(good), cloud(bad), cloud(good), cloud(event("a", "b", "c", {}))])
    outcome = load(io.BytesIO(batch.encode()))
    assert (outcome.format, outcome.created, outcome.unchanged) == ("cloudevents", 1, 2)
    assert outcome.rejected == 1
