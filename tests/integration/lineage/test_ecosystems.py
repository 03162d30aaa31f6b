"""Modules of other ecosystems: ranges resolve by their rules, names are one, odd versions stay."""

import json
from typing import Any

import pytest
from django.apps import apps

from lineage.models import Deployment, Module, Requirement, Version
from lineage.selectors.dependents import DependentFilter, direct_dependents
from lineage.services.rekey import Tables, rekey
from tests.factories.platform import NOW, module, platform, take_in

pytestmark = pytest.mark.django_db

TABLES = Tables(*(apps.get_model("lineage", n) for n in ("Module", "Version", "Requirement")))


def released(ecosystem: str, name: str, *versions: str) -> list[dict[str, Any]]:
    return [
        {"type": "version", "ecosystem": ecosystem, "module": name, "version": version}
        for version in versions
    ]


def declared(ecosystem: str, name: str, on: str, range: str) -> dict[str, Any]:
    edge = {"module": on, "range": range, "ecosystem": ecosystem}
    return {"type": "version", "module": name, "version": "1.0.0", "dependencies": [edge]}


@pytest.mark.parametrize(
    ("ecosystem", "versions", "range", "expected"),
    [
        ("pypi", ["1.4", "1.10.post1", "2.0rc1"], ">=1.4", "1.10.post1"),
        ("pypi", ["1.4", "2.0rc1"], ">=1.5", "2.0rc1"),
        ("cargo", ["1.2.0", "1.9.0", "2.0.0"], "1.2", "1.9.0"),
        ("maven", ["31.0-jre", "31.1-jre", "32.0-jre"], "[31,32)", "31.1-jre"),
        ("golang", ["v1.2.0", "v1.9.0"], "v1.2.0", "v1.2.0"),
        ("gem", ["1.2", "1.9", "2.0"], "~> 1.2", "1.9"),
        ("nuget", ["1.0.0", "1.9.0"], "[1.0,2.0)", "1.0.0"),
        ("deb", ["1.0-1", "1.1-1"], "1.0-1", "1.0-1"),
    ],
)
def test_a_requirement_resolves_by_the_rules_of_its_ecosystem(
    ecosystem: str, versions: list[str], range: str, expected: str
) -> None:
    summary = platform(
        *released(ecosystem, "lib", *versions), declared(ecosystem, "app", "lib", range)
    )
    assert summary.rejected == 0
    resolved = Requirement.objects.get(module__name="lib").resolved_version
    assert resolved is not None
    assert resolved.version == expected


def test_a_module_has_one_name_however_it_is_spelled() -> None:
    platform(
        *released("pypi", "Flask_Login", "0.6"),
        *released("pypi", "flask-login", "0.7"),
        declared("pypi", "app", "FLASK-login", ">=0.6"),
    )
    assert Module.objects.filter(ecosystem="pypi").count() == 1
    assert Version.objects.filter(module__name="flask-login").count() == 2


def test_dependents_are_found_by_the_name_of_a_line_in_every_ecosystem() -> None:
    platform(
        *released("maven", "org.a/lib", "1.0-jre", "2.0-jre"),
        declared("maven", "old", "org.a/lib", "1.0-jre"),
        declared("maven", "new", "org.a/lib", "[2,3)"),
    )
    found = direct_dependents(
        Module.objects.get(name="org.a/lib"), DependentFilter(range="2.x"), now=NOW
    )
    assert [row.consumer.module.name for row in found.rows] == ["new"]


def bom(purl: str, *components: str) -> bytes:
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "metadata": {
                "timestamp": "2026-03-01T00:00:00Z",
                "component": {"type": "application", "name": "x", "purl": purl, "bom-ref": "root"},
            },
            "components": [
                {"type": "library", "name": "y", "purl": text, "bom-ref": text}
                for text in components
            ],
            "dependencies": [{"ref": "root", "dependsOn": list(components)}],
        }
    ).encode()


def test_an_sbom_keeps_a_component_whose_version_is_odd_and_no_range_takes_it() -> None:
    platform(*released("pypi", "lib", "1.0"), declared("pypi", "app", "lib", "*"))
    summary = take_in(bom("pkg:pypi/root@odd~build", "pkg:pypi/lib@git-abc"), environment="prod")
    assert (summary.rejected, summary.conflicts) == (0, 0)
    odd = Version.objects.get(version="git-abc")
    assert (odd.major_line, odd.minor_line, odd.is_prerelease) == ("git-abc", "git-abc", True)
    least, greatest = Version.objects.filter(module__name="lib").order_by("sort_key")
    assert (least, greatest.version) == (odd, "1.0")
    requirement = Requirement.objects.get(module__name="lib", is_locked=False)
    assert requirement.resolved_version == greatest
    assert Deployment.objects.get().version.version == "odd~build"


def states() -> dict[str, tuple[bytes, str, str, bool]]:
    rows = Version.objects.filter(module__ecosystem="pypi").values_list(
        "version", "sort_key", "major_line", "minor_line", "is_prerelease"
    )
    return {text: (bytes(key), *rest) for text, key, *rest in rows}


def test_what_was_matched_exactly_is_read_by_its_scheme_and_back() -> None:
    platform(
        *released("pypi", "lib", "1.4", "1.10", "2.0rc1"),
        declared("pypi", "app", "lib", ">=1.4"),
        declared("pypi", "pinned", "lib", "1.4"),
    )
    take_in(bom("pkg:pypi/root@1", "pkg:pypi/lib@git-abc"))
    by_scheme = states()
    resolved = dict(Requirement.objects.values_list("id", "resolved_version_id"))

    assert rekey(TABLES, "pypi", read_as="generic") == len(by_scheme)
    assert Version.objects.get(version="1.10").major_line == "1.10"
    assert Requirement.objects.get(range=">=1.4").resolved_version is None
    assert rekey(TABLES, "pypi", read_as="generic") == 0

    assert rekey(TABLES, "pypi", read_as="pypi") == len(by_scheme)
    assert states() == by_scheme
    assert dict(Requirement.objects.values_list("id", "resolved_version_id")) == resolved


def test_a_spelling_becomes_the_scheme_s_own_unless_that_is_taken() -> None:
    platform(*released("generic", "lib", "v1.0", "2.0-RC1", "2.0rc1"))
    Module.objects.filter(name="lib").update(ecosystem="pypi")
    rekey(TABLES, "pypi", read_as="pypi")
    texts = Version.objects.filter(module=module("lib", "pypi")).values_list("version", flat=True)
    assert set(texts) == {"1.0", "2.0-RC1", "2.0rc1"}


def test_a_range_from_the_time_of_exact_matching_that_no_longer_reads_admits_nothing() -> None:
    platform(*released("pypi", "lib", "1.0"), declared("pypi", "app", "lib", "*"))
    Requirement.objects.filter(module__name="lib").update(range="git-abc")
    platform(*released("pypi", "lib", "1.1"))
    assert Requirement.objects.get(range="git-abc").resolved_version is None
