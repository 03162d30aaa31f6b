"""SBOMs: every component and every edge of a real one is there, once."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from lineage.models import Dependency, Deployment, IngestIssue, Version
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.services.epoch import current_epoch
from tests.factories.platform import (
    NOW,
    deployments_of,
    drawn,
    lines_of,
    module,
    platform,
    take_in,
    version,
)
from tests.lineage_state import state
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db

Name = tuple[str, str, str]


def sbom(name: str) -> bytes:
    return shared_path(f"data/sboms/{name}.cdx.json.gz").read_bytes()


def parts_of(bom: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The root and every component, nested ones included."""
    waiting = [bom["metadata"]["component"], *bom.get("components", [])]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += part.get("components", [])


def name_of(part: dict[str, Any]) -> Name:
    """(ecosystem, module, version), read off the purl by hand."""
    text = part["purl"].removeprefix("pkg:").partition("?")[0].partition("#")[0]
    ecosystem, _, rest = text.partition("/")
    name, _, number = rest.rpartition("@")
    return ecosystem, name.replace("%40", "@"), number.replace("%2B", "+")


def stored_edges() -> list[tuple[Name, Name]]:
    rows = Dependency.objects.exclude(lock_root=None).values_list(
        "version__module__ecosystem", "version__module__name", "version__version",
        "requirement__module__ecosystem", "requirement__module__name",
        "requirement__resolved_version__version",
    )  # fmt: skip
    return [((a, b, c), (d, e, f)) for a, b, c, d, e, f in rows]


def test_a_real_sbom_is_there_whole_and_nothing_of_it_twice() -> None:
    bom = json.loads(gzip.decompress(sbom("juice-shop")))
    names = {part["bom-ref"]: name_of(part) for part in parts_of(bom)}
    stated = [
        (names[entry["ref"]], names[target])
        for entry in bom["dependencies"]
        for target in entry.get("dependsOn", [])
    ]
    root = name_of(bom["metadata"]["component"])
    assert (len(names), len(set(names.values())), len(stated)) == (1_116, 979, 1_775)

    outcome = take_in(sbom("juice-shop"))

    assert (outcome.created, outcome.rejected, outcome.format) == (1, 0, "cyclonedx")
    stored = list(Version.objects.values_list("module__ecosystem", "module__name", "version"))
    assert len(stored) == 979
    assert set(stored) == set(names.values())
    assert not Version.objects.filter(is_placeholder=True).exists()
    edges = stored_edges()
    assert len(edges) == 1_660
    assert set(edges) == set(stated)
    assert sum(source == root for source, _ in edges) == 71
    assert not Dependency.objects.exclude(lock_root__version=root[2]).exists()
    assert not Dependency.objects.exclude(
        requirement__range=F("requirement__resolved_version__version")
    ).exists()


def test_a_deployed_sbom_puts_all_its_components_to_use_and_again_changes_nothing() -> None:
    first = take_in(sbom("juice-shop"), environment="prod")
    assert first.created == 2
    root = Dependency.objects.exclude(lock_root=None).first().lock_root
    (deployment,) = Deployment.objects.all()
    assert (deployment.version, deployment.environment.tier) == (root, "prod")
    assert deployment.key == f"{root.module.name}/prod"
    target = Dependency.objects.filter(lock_root=root, version=root).first().requirement
    found = direct_dependents(target.module, DependentFilter(), now=NOW)
    assert (found.live_prod, found.rows[0].declared) == (1, None)
    before, epoch = state(), current_epoch().number
    again = take_in(sbom("juice-shop"), environment="prod")
    assert (again.created, again.changed, again.unchanged) == (0, 0, 2)
    assert (state(), current_epoch().number) == (before, epoch)


def send_undated(version: str, days: int) -> tuple[int, int]:
    """Send an SBOM that states no instant; returns records created and unchanged."""
    root = {"bom-ref": "a", "type": "application", "name": "web", "version": version}
    document = {"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": root}}
    now = NOW + timedelta(days=days)
    summary = take_in(json.dumps(document).encode(), environment="prod", now=now)
    return summary.created, summary.unchanged


def test_an_undated_sbom_sent_again_later_is_no_new_deployment() -> None:
    assert send_undated("1.0.0", 0) == (2, 0)
    epoch = current_epoch().number
    assert send_undated("1.0.0", 1) == (0, 2)
    assert current_epoch().number == epoch
    # Another version, and going back to the first, are news.
    assert send_undated("2.0.0", 2) == (2, 0)
    assert send_undated("1.0.0", 3) == (1, 1)
    started = [(row.version.version, row.started_at) for row in deployments_of("web/prod")]
    days = (("1.0.0", 0), ("2.0.0", 2), ("1.0.0", 3))
    assert started == [(number, NOW + timedelta(days=day)) for number, day in days]


def test_an_undated_sbom_takes_nothing_from_what_a_pipeline_said() -> None:
    platform("web 1.0.0", {**drawn("web/prod runs web 1.0.0 in prod")[0], "region": "eu"})
    send_undated("1.0.0", 0)
    assert [row.region for row in deployments_of("web/prod")] == ["eu", ""]


@pytest.mark.parametrize(
    ("name", "components", "edges"),
    [("keycloak", 902, 994), ("backstage", 776, 1_541), ("small", 299, 514)],
)
def test_other_real_sboms_are_taken(name: str, components: int, edges: int) -> None:
    outcome = take_in(sbom(name))
    assert (outcome.created, outcome.rejected, outcome.conflicts) == (1, 0, 0)
    assert Version.objects.count() == components + 1
    assert len(stored_edges()) == edges
    assert take_in(sbom(name)).unchanged == 1


def test_the_same_root_with_another_tree_is_a_conflict_and_the_known_tree_stays() -> None:
    take_in(tree("tv 1.0.0 -> json 1.4.0"))
    before = state()
    outcome = take_in(tree("tv 1.0.0 -> json 1.5.0"))
    assert (outcome.conflicts, outcome.accepted) == (1, 0)
    issue = IngestIssue.objects.get()
    assert (issue.kind, issue.field) == ("conflict", "metadata.component")
    assert state() == before


def test_two_trees_that_share_components_keep_their_edges_apart() -> None:
    take_in(tree("tv 1.0.0 -> json 1.4.0; json 1.4.0 -> yaml 1.0.0"))
    take_in(tree("web 1.0.0 -> json 1.4.0; json 1.4.0 -> yaml 2.0.0"))
    inside = Dependency.objects.filter(version=version("json@1.4.0", "npm"))
    assert set(inside.values_list("lock_root__module__name", "requirement__range")) == {
        ("tv", "1.0.0"),
        ("web", "2.0.0"),
    }


def test_a_version_record_and_an_sbom_of_one_version_agree_in_any_order() -> None:
    sbom_of_it = tree("tv 1.0.0 -> json 1.4.0")
    record = {
        "module": "tv",
        "version": "1.0.0",
        "ecosystem": "npm",
        "owner": "media",
        "dependencies": [{"module": "json", "range": "^1"}],
    }
    take_in(sbom_of_it)
    platform(record)
    after_both = state()
    for again in (take_in(sbom_of_it), platform(record), take_in(sbom_of_it)):
        assert (again.unchanged, again.conflicts) == (1, 0)
    assert state() == after_both
    edges = Dependency.objects.values_list("requirement__range", "requirement__is_locked")
    assert set(edges) == {("^1", False), ("1.4.0", True)}


def test_an_sbom_and_records_of_its_versions_end_in_one_state_whatever_comes_first() -> None:
    bom = json.loads(tree("tv 1.0.0 -> json 1.4.0"))
    for part in (bom["metadata"]["component"], *bom["components"]):
        part["hashes"] = [{"alg": "SHA-1", "content": "a" * 40}]
    documents = [
        json.dumps(bom).encode(),
        lines_of(
            [{"module": "json", "version": "1.4.0", "ecosystem": "npm", "digest": "sha256:a"}]
        ),
        lines_of([{"module": "tv", "version": "1.0.0", "ecosystem": "npm", "kind": "script"}]),
    ]
    ends = []
    for order in permutations(documents):
        with transaction.atomic():
            assert [take_in(data).conflicts for data in order] == [0, 0, 0]
            ends.append(state())
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)


def test_an_sbom_may_come_after_the_version_record_of_its_root() -> None:
    platform("json 1.4.0", {"module": "tv", "version": "1.0.0", "ecosystem": "npm", "ttl": "P1D"})
    take_in(tree("tv 1.0.0 -> json 1.4.0"))
    again = platform({"module": "tv", "version": "1.0.0", "ecosystem": "npm", "ttl": "P1D"})
    assert again.unchanged == 1
    assert take_in(tree("tv 1.0.0 -> json 1.4.0")).unchanged == 1
    assert version("tv@1.0.0", "npm").ttl == 86_400


def test_a_component_in_another_spelling_is_the_version_already_known() -> None:
    platform({"module": "json", "version": "1.4.0", "ecosystem": "npm"})
    outcome = take_in(tree("tv v1.0.0 -> json v1.4.0; tv v1.0.0 -> json 1.4.0"), environment="prod")
    assert (outcome.created, outcome.conflicts, outcome.rejected) == (2, 0, 0)
    assert set(Version.objects.values_list("module__name", "version")) == {
        ("json", "1.4.0"),
        ("tv", "1.0.0"),
    }
    assert Dependency.objects.count() == 1
    assert deployments_of("tv/prod")[0].version == version("tv@1.0.0", "npm")
    found = direct_dependents(module("json", "npm"), DependentFilter(), now=NOW)
    assert (found.total, found.live_prod) == (1, 1)


def tree(text: str) -> bytes:
    """An SBOM drawn as edges between npm versions; the first one named is the root."""
    edges = [
        tuple(end.strip().replace(" ", "@") for end in edge.split("->")) for edge in text.split(";")
    ]
    names = list(dict.fromkeys(end for edge in edges for end in edge))
    parts = [
        {
            "type": "library",
            "bom-ref": name,
            "name": name.partition("@")[0],
            "purl": f"pkg:npm/{name}",
        }
        for name in names
    ]
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "metadata": {"timestamp": "2026-01-01T00:00:00Z", "component": parts[0]},
            "components": parts[1:],
            "dependencies": [
                {"ref": name, "dependsOn": [b for a, b in edges if a == name]} for name in names
            ],
        }
    ).encode()
