"""What CycloneDX 1.7 added, and licences by the SPDX list."""

import pytest

from lineage.ingest.parsers.licenses import is_spdx_id, spelled
from tests.unit.lineage.test_cyclonedx_parser import ROOT, bom, library, npm, parse, refusal

EXPRESSION = {
    "expression": "MIT OR Apache-2.0",
    "acknowledgement": "declared",
    "expressionDetails": [{"licenseIdentifier": "MIT", "url": "https://example.com"}],
    "licensing": {"altIds": ["x"]},
    "properties": [{"name": "a"}],
}
STREEBOG = {"alg": "Streebog-256", "content": "a" * 64}


def of(version, component):
    return {**bom(metadata=ROOT, components=[component]), "specVersion": version}


def test_a_bom_with_what_1_7_added_is_taken_whole():
    external = {
        "type": "library",
        "bom-ref": "os",
        "name": "openssl",
        "isExternal": True,
        "versionRange": "vers:generic/>=3.0.0|<4.0.0",
    }
    tree, rejected = parse(
        {
            **bom(
                components=[
                    npm("a", hashes=[STREEBOG], licenses=[EXPRESSION, {"license": {"id": "MIT"}}]),
                    external,
                ],
                dependencies=[{"ref": "root", "dependsOn": ["a", "os"]}],
                citations=[{"bom-ref": "c", "timestamp": "2026-01-01T00:00:00Z"}],
                definitions={"patents": [{"patentNumber": "1", "jurisdiction": "US"}]},
            ),
            "metadata": {**ROOT, "distributionConstraints": {"tlp": "AMBER"}},
            "specVersion": "1.7",
        }
    )
    assert rejected == []
    assert tree.components["npm", "a", "1.0.0"]["licenses"] == ["MIT OR Apache-2.0", "MIT"]
    kept = tree.components["generic", "openssl", "unversioned"]
    assert kept["versionRange"] == "vers:generic/>=3.0.0|<4.0.0"
    assert len(tree.edges) == 2


@pytest.mark.parametrize(
    ("version", "component", "words"),
    [
        ("1.6", library("a", hashes=[STREEBOG]), "hashes[0].alg is known since CycloneDX 1.7"),
        (
            "1.7",
            library("a", isExternal=True, versionRange="vers:npm/>=1"),
            "versionRange stands beside a version",
        ),
        (
            "1.7",
            {"type": "library", "name": "a", "versionRange": "vers:npm/>=1"},
            "versionRange is only for external components",
        ),
        (
            "1.7",
            library("a", licenses=[{"expression": "MIT", "expressionDetails": [{}]}]),
            "licenseIdentifier is missing",
        ),
        ("1.7", library("a", licenses=[{}]), "licenses[0] has neither license nor expression"),
        ("1.6", library("a", licenses=[EXPRESSION, {"license": {"id": "MIT"}}]), "beside"),
    ],
)
def test_rules_of_one_version_are_kept(version, component, words):
    assert words in refusal(of(version, component))


@pytest.mark.parametrize("part", ["metadata", "component"])
def test_an_unknown_licence_is_refused_with_its_place(part):
    licenses = [{"license": {"id": "Apache-2"}}]
    if part == "metadata":
        reason = refusal(bom(metadata={"licenses": licenses}))
        assert "metadata.licenses[0].license.id is no licence of the SPDX list" in reason
    else:
        reason = refusal(bom(components=[library("a", licenses=licenses)]))
        assert "components[0].licenses[0].license.id is no licence" in reason
    assert "Apache-2" in reason


def test_another_spelling_is_told_the_right_one():
    reason = refusal(bom(components=[library("a", licenses=[{"license": {"id": "apache-2.0"}}])]))
    assert "it is spelled Apache-2.0" in reason


def test_a_tlp_that_does_not_exist_is_refused():
    metadata = {"distributionConstraints": {"tlp": "PINK"}}
    assert "tlp may not be 'PINK'" in refusal({**bom(metadata=metadata), "specVersion": "1.7"})


@pytest.mark.parametrize(
    "text", ["MIT", "GPL-2.0+", "LGPL-2.1+", "0BSD", "Classpath-exception-2.0"]
)
def test_identifiers_of_the_list(text):
    assert is_spdx_id(text)


@pytest.mark.parametrize(
    "text",
    ["", "mit", "MIT+", "MIT OR X11", "AND", "(MIT)", "LicenseRef-x", "x" * 9_999, "MIT\x00", "é"],
)
def test_what_is_no_identifier_of_the_list(text):
    assert not is_spdx_id(text)


def test_spelling_is_only_told_for_what_the_list_knows():
    assert (spelled("mit"), spelled("mitt"), spelled("a b")) == ("MIT", "", "")
