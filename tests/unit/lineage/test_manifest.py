"""Manifests: every form that is read, and that nothing unreadable is passed over."""

import gzip
import io
import json
from typing import Any

import pytest

from lineage.exceptions import DocumentTooLarge, UnreadableDocument
from lineage.ingest import manifest as manifests
from lineage.ingest.document import Limits
from lineage.ingest.manifest import Asked, Manifest, read_manifest
from tests.shared_data import shared_path

LIMITS = Limits(max_bytes=1 << 30, max_document_bytes=1 << 28, max_line_bytes=1 << 20)
JSON = Asked("platform", "json", "^1")


def read(data: bytes | dict[str, Any]) -> Manifest:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_manifest(io.BytesIO(raw), limits=LIMITS)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"requirements": [{"module": "json", "range": "^1"}]}, [JSON]),
        ({"requirements": [{"module": "json", "range": "^1"}] * 2}, [JSON]),
        ({"requirements": [{"module": "json"}]}, [Asked("platform", "json", "*")]),
        (
            {"requirements": [{"module": "json", "version": "1.4.0"}]},
            [Asked("platform", "json", version="1.4.0")],
        ),
        (
            {"requirements": [{"purl": "pkg:npm/%40acme/ui", "range": "~2"}]},
            [Asked("npm", "@acme/ui", "~2")],
        ),
        ({"purls": ["pkg:npm/ui@2.0.0"]}, [Asked("npm", "ui", version="2.0.0")]),
        ({"purls": ["pkg:npm/ui"]}, [Asked("npm", "ui", "*")]),
        (
            {
                "module": "auth",
                "version": "1.0.0",
                "dependencies": [
                    {"module": "json", "range": "^1"},
                    {"module": "lint", "range": "*", "scope": "development"},
                ],
                "optional_dependencies": [{"module": "yaml"}],
            },
            [JSON],
        ),
        ({"requirements": []}, []),
    ],
)
def test_a_manifest_says_what_it_wants(document: dict[str, Any], expected: list[Asked]) -> None:
    assert list(read(document).asked) == expected
    assert list(read(gzip.compress(json.dumps(document).encode())).asked) == expected


def test_several_version_records_want_what_each_wants() -> None:
    line = {"module": "auth", "version": "1.0.0", "dependencies": [{"module": "json"}]}
    data = b"\n".join(
        json.dumps({**line, "version": f"1.{n}.0", "ecosystem": e}).encode()
        for n, e in enumerate(("npm", "platform"))
    )
    assert [one.ecosystem for one in read(data).asked] == ["npm", "platform"]


def test_an_sbom_wants_its_components_and_not_its_root() -> None:
    found = read(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "metadata": {"component": {"type": "application", "name": "app", "version": "1.0.0"}},
            "components": [
                {"type": "library", "name": "ui", "version": "2.0.0", "purl": "pkg:npm/ui@2.0.0"},
                {"type": "library", "name": "nameless", "purl": "pkg:npm/nameless"},
            ],
        }
    )
    assert found.asked == (Asked("npm", "ui", version="2.0.0"),)
    assert (found.format, found.left_out) == ("cyclonedx", 1)
    assert found.why_left_out == ("nameless states no version",)


@pytest.mark.parametrize(
    "name", ["small.cdx.json.gz", "small.spdx.json.gz", "juice-shop.cdx.json.gz"]
)
def test_real_sboms_are_read(name: str) -> None:
    found = read(shared_path(f"data/sboms/{name}").read_bytes())
    assert len(found.asked) > 5
    assert all(one.version and not one.range for one in found.asked)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"hello", "no JSON"),
        (b'{"requirements": 5}', "must be a list"),
        (b'{"requirements": [{}]}', "either a module or a purl"),
        (b'{"requirements": [{"module": "a", "purl": "pkg:npm/a"}]}', "either a module"),
        (b'{"requirements": [{"module": "a", "range": "1", "version": "1"}]}', "either a range"),
        (b'{"requirements": [{"module": "a", "rnage": "1"}]}', "rnage"),
        (b'{"requirements": [{"module": "a\\n"}]}', "printable"),
        (b'{"requirements": [{"module": "a", "range": "\\u0000"}]}', "no database"),
        (b'{"purls": ["npm/a"]}', "pkg:type"),
        (b'{"module": "a"}', "type is missing"),
        (b'{"type": "team", "name": "tv"}', "is no version"),
        (b'{"name": "a", "dependencies": {"b": "^1"}}', "no shape"),
        (b'{"requirements": ' + b"[" * 300 + b"]" * 300 + b"}", "nested deeper"),
    ],
)
def test_what_cannot_be_read_is_said(document: bytes, words: str) -> None:
    with pytest.raises(UnreadableDocument, match=words):
        read(document)


def test_a_manifest_that_wants_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MOST_ASKED", 1)
    with pytest.raises(DocumentTooLarge, match="2 things"):
        read({"purls": ["pkg:npm/a", "pkg:npm/b"]})


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(DocumentTooLarge):
        read(gzip.compress(b" " * (manifests.MOST_BYTES + 1)))
