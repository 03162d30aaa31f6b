"""The gate over the database: what each wanted thing gets, and the smallest fix."""

import io
import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from lifecycle.gate import Stricter
from lifecycle.selectors.gate import Answer, gate
from lineage.ingest.manifest import read_manifest
from lineage.models import Version
from lineage.services.ingest import limits
from lineage.services.snapshot import refresh
from lineage.versioning import InvalidRange
from tests.factories.platform import NOW, platform
from tests.queries import asked
from tests.shared_data import shared_path

pytestmark = pytest.mark.usefixtures("troubled")


def ask(*requirements: dict[str, Any], asks: Stricter | None = None) -> Answer:
    data = json.dumps({"requirements": requirements}).encode()
    manifest = read_manifest(io.BytesIO(data), limits=limits())
    return gate(manifest, now=NOW, asks=asks)


@pytest.mark.parametrize(
    ("module", "wanted", "level", "kinds", "fix"),
    [
        ("json", {"range": "^3"}, "pass", [], None),
        ("json", {"range": ">=1"}, "pass", [], None),
        ("json", {"version": "1.4.0"}, "fail", ["yanked", "behind"], ("2.0.0", "")),
        ("json", {"range": "1.4.0"}, "fail", ["yanked", "behind"], ("2.0.0", "2.0.0")),
        ("json", {"range": "^1"}, "warn", ["behind"], ("2.0.0", "^2.0.0")),
        ("json", {"range": "^2"}, "pass", [], None),
        ("json", {"range": "^9"}, "fail", ["unsatisfiable"], ("3.0.0", "^3.0.0")),
        ("json", {"version": "7.7.7"}, "warn", ["unknown"], None),
        ("none", {"range": "^1"}, "warn", ["unknown"], None),
        ("auth", {"range": "^1"}, "warn", ["dying"], ("2.0.0", "^2.0.0")),
        ("auth", {"version": "1.0.0"}, "warn", ["dying"], ("2.0.0", "")),
        ("old", {"range": "=1.0.0"}, "warn", ["deprecated"], ("1.0.1", "=1.0.1")),
        ("dead", {"range": "*"}, "fail", ["unsatisfiable"], None),
        ("dead", {"version": "1.0.0"}, "fail", ["yanked"], None),
    ],
)
def test_one_wanted_thing(
    module: str,
    wanted: dict[str, str],
    level: str,
    kinds: list[str],
    fix: tuple[str, str] | None,
) -> None:
    answer = ask({"module": module, **wanted})
    found = [reason.kind for reason in answer.verdict.reasons]
    assert (answer.verdict.level.word, found) == (level, kinds)
    assert [(one.version, one.range) for one in answer.fixes] == ([fix] if fix else [])


def test_every_fix_that_is_taken_passes() -> None:
    troubles = ask(
        {"module": "json", "range": "1.4.0"},
        {"module": "auth", "range": "^1"},
        {"module": "old", "version": "1.0.0"},
    )
    fixed = [
        {
            "module": fix.asked.module,
            **({"range": fix.range} if fix.range else {"version": fix.version}),
        }
        for fix in troubles.fixes
    ]
    assert len(fixed) == 3
    assert ask(*fixed).verdict.level.word == "pass"


def test_what_is_sunset_fails() -> None:
    Version.objects.filter(module__name="old").update(sunset_at=NOW)
    refresh(NOW)
    assert [r.kind for r in ask({"module": "old", "version": "1.0.1"}).verdict.reasons] == [
        "sunset"
    ]


def test_the_policy_is_that_of_the_settings(settings: Settings) -> None:
    settings.GATE_FAIL, settings.GATE_WARN = ["deprecated"], []
    assert ask({"module": "old", "version": "1.0.0"}).verdict.level.word == "fail"
    assert ask({"module": "none", "range": "^1"}).verdict.level.word == "pass"


def test_a_request_makes_it_stricter() -> None:
    assert (
        ask(
            {"module": "json", "range": "^2"}, asks=Stricter(fail=["behind"], max_majors=0)
        ).verdict.level.word
        == "fail"
    )


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidRange):
        ask({"module": "json", "range": "not a range!"})


def test_other_spellings_of_a_name_and_a_version_are_found() -> None:
    platform({"type": "version", "ecosystem": "pypi", "module": "my-lib", "version": "1.0.0"})
    answer = ask({"ecosystem": "pypi", "module": "My_Lib", "version": "v1.0.0"})
    assert [reason.kind for reason in answer.verdict.reasons] == []


def test_the_work_is_the_same_few_queries_for_400_modules() -> None:
    wanted = [{"module": f"none-{n}", "range": "^1"} for n in range(400)]
    few = asked(lambda: ask({"module": "json", "range": "^1"}))
    many = asked(lambda: ask({"module": "json", "range": "^1"}, {"module": "auth"}, *wanted))
    assert few == many <= 6


def test_a_real_sbom_is_checked_whole() -> None:
    data = shared_path("data/sboms/juice-shop.cdx.json.gz").read_bytes()
    manifest = read_manifest(io.BytesIO(data), limits=limits())
    answer = gate(manifest, now=timezone.now())
    assert answer.verdict.checked == len(manifest.asked) > 500
    assert answer.verdict.counts["unknown"] == answer.verdict.checked
