"""SPDX documents as locked trees, and as the same trees as from CycloneDX."""

import gzip
import json

import pytest

from lineage.exceptions import UnreadableDocument
from lineage.ingest.parsers.base import Accepted, Rejected
from lineage.ingest.parsers.cyclonedx import CycloneDxParser
from lineage.ingest.parsers.spdx import NEEDED_BY, NEEDS, SpdxParser
from tests.shared_data import shared_path

A, B, ROOT = ("npm", "a", "1.0.0"), ("npm", "b", "1.0.0"), ("npm", "root", "1.0.0")


def parse(document):
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    items = SpdxParser().parse(data)
    trees = [item.record for item in items if isinstance(item, Accepted)]
    rejected = [(item.field, item.reason) for item in items if isinstance(item, Rejected)]
    assert len(trees) <= 1
    return (trees[0] if trees else None), rejected


def refusal(document):
    with pytest.raises(UnreadableDocument) as caught:
        parse(document)
    return caught.value.reason


def package(ref, version="1.0.0", **more):
    reference = {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": f"pkg:npm/{ref}@{version}",
    }
    return {
        "SPDXID": f"SPDXRef-{ref}",
        "name": ref,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "externalRefs": [reference],
        **more,
    }


def nameless(ref, version, **more):
    return package(ref, version, **{"externalRefs": [], **more})


def relation(source, kind, target):
    return {
        "spdxElementId": f"SPDXRef-{source}" if source.isalnum() else source,
        "relationshipType": kind,
        "relatedSpdxElement": f"SPDXRef-{target}" if target.isalnum() else target,
    }


def document(*packages, relationships=(), **more):
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "root@1.0.0",
        "documentNamespace": "https://example.com/sboms/root-1.0.0",
        "creationInfo": {"created": "2026-03-01T10:00:00Z", "creators": ["Tool: by hand"]},
        "documentDescribes": ["SPDXRef-root"] if packages else [],
        "packages": list(packages),
        "relationships": list(relationships),
        **more,
    }


@pytest.mark.parametrize(
    ("name", "versions", "edges"), [("backstage", 777, 1541), ("small", 300, 514)]
)
def test_one_lockfile_gives_one_tree_in_either_format(name, versions, edges):
    spdx = gzip.decompress(shared_path(f"data/sboms/{name}.spdx.json.gz").read_bytes())
    cyclonedx = gzip.decompress(shared_path(f"data/sboms/{name}.cdx.json.gz").read_bytes())
    tree, rejected = parse(spdx)
    (other,) = CycloneDxParser().parse(cyclonedx)
    assert rejected == []
    assert tree.root == other.record.root
    assert set(tree.components) == set(other.record.components)
    assert set(tree.edges) == set(other.record.edges)
    assert (len(tree.components), len(tree.edges)) == (versions, edges)
    assert (tree.kind, tree.unreached) == (other.record.kind, other.record.unreached)
    for triple, kept in tree.components.items():
        assert kept.get("digest") == other.record.components[triple].get("digest")


@pytest.mark.parametrize("kind", sorted(NEEDS))
def test_who_needs_is_named_first(kind):
    tree, _ = parse(
        document(package("root"), package("a"), relationships=[relation("root", kind, "a")])
    )
    assert (tree.edges, tree.unreached) == ([(ROOT, A)], [])


@pytest.mark.parametrize("kind", sorted(NEEDED_BY))
def test_who_is_needed_is_named_first(kind):
    tree, _ = parse(
        document(package("root"), package("a"), relationships=[relation("a", kind, "root")])
    )
    assert tree.edges == [(ROOT, A)]


@pytest.mark.parametrize("kind", ["CONTAINS", "DEV_TOOL_OF", "DESCRIBES", "OTHER", "PACKAGE_OF"])
def test_what_is_no_dependency_is_no_edge_but_the_package_is_in_the_tree(kind):
    tree, rejected = parse(
        document(package("root"), package("a"), relationships=[relation("root", kind, "a")])
    )
    assert (tree.edges, tree.unreached, rejected) == ([], [A], [])


def test_an_edge_stated_twice_or_to_itself_or_to_nothing_or_a_file_counts_once_or_not():
    tree, rejected = parse(
        document(
            package("root"),
            package("a"),
            files=[{"SPDXID": "SPDXRef-file", "fileName": "x"}],
            relationships=[
                relation("root", "DEPENDS_ON", "a"),
                relation("a", "PREREQUISITE_FOR", "root"),
                relation("a", "DEPENDS_ON", "a"),
                {**relation("a", "DEPENDS_ON", "b"), "relatedSpdxElement": "NONE"},
                relation("a", "DEPENDS_ON", "file"),
            ],
        )
    )
    assert (tree.edges, rejected) == ([(ROOT, A)], [])


@pytest.mark.parametrize(
    "relationships",
    [
        [relation("SPDXRef-DOCUMENT", "DESCRIBES", "root")],
        [relation("root", "DESCRIBED_BY", "SPDXRef-DOCUMENT")],
    ],
)
def test_a_relationship_may_name_the_root(relationships):
    tree, _ = parse(document(package("root"), documentDescribes=[], relationships=relationships))
    assert (tree.root, tree.stated_at) == (ROOT, "2026-03-01T10:00:00Z")


@pytest.mark.parametrize("described", [[], ["SPDXRef-a", "SPDXRef-b"]])
def test_a_document_about_none_or_several_gets_a_root_of_its_own(described):
    tree, _ = parse(document(package("a"), package("b"), documentDescribes=described))
    assert tree.root == ("generic", "sbom/https://example.com/sboms/root-1.0.0", "1")
    assert tree.unreached == [A, B]
    long = f"https://example.com/{'x' * 300}"
    tree, _ = parse(document(package("a"), documentDescribes=[], documentNamespace=long))
    assert tree.root[1].startswith("sbom/sha256:")


def test_a_document_without_packages_yields_nothing():
    assert parse(document()) == (None, [])


def test_packages_without_purl_or_version_are_named_as_cyclonedx_names_them():
    tree, _ = parse(
        document(
            nameless("root", "2.0.0", primaryPackagePurpose="APPLICATION"),
            nameless("lib", "NOASSERTION"),
        )
    )
    assert list(tree.components) == [
        ("platform", "root", "2.0.0"),
        ("generic", "lib", "unversioned"),
    ]
    assert tree.kind == "service"


def test_metadata_keeps_purpose_digest_and_licence():
    sums = [
        {"algorithm": "MD5", "checksumValue": "A" * 32},
        {"algorithm": "SHA256", "checksumValue": "B" * 64},
    ]
    part = package(
        "root",
        checksums=sums,
        primaryPackagePurpose="OPERATING_SYSTEM",
        licenseConcluded="NOASSERTION",
        licenseDeclared="MIT",
    )
    tree, _ = parse(document(part))
    assert tree.components[ROOT] == {
        "type": "operating-system",
        "digest": "sha256:" + "b" * 64,
        "licenses": ["MIT"],
    }


def test_what_cannot_be_placed_is_reported_and_the_rest_kept():
    broken = package("b", externalRefs=[
        {"referenceCategory": "OTHER", "referenceType": "purl", "referenceLocator": "nonsense"}
    ])  # fmt: skip
    tree, rejected = parse(
        document(
            package("root"),
            package("a"),
            broken,
            externalDocumentRefs=[{"externalDocumentId": "DocumentRef-x"}],
            relationships=[
                relation("root", "DEPENDS_ON", "gone"),
                relation("root", "DEPENDS_ON", "DocumentRef-x:SPDXRef-y"),
                relation("root", "AMENDS", "DocumentRef-x:SPDXRef-y"),
                relation("root", "AMENDS", "DocumentRef-z:SPDXRef-y"),
                relation("root", "DEPENDS_ON", "b"),
                relation("root", "DEPENDS_ON", "a"),
            ],
        )
    )
    assert tree.edges == [(ROOT, A)]
    assert [field for field, _ in rejected] == [
        "packages[2].externalRefs[0].referenceLocator",
        "relationships[0].relatedSpdxElement",
        "relationships[1].relatedSpdxElement",
        "relationships[3].relatedSpdxElement",
    ]
    assert [reason.partition(":")[0] for _, reason in rejected] == [
        "is not a package URL; left out with its edges",
        "names no element of this document",
        "lies in another document",
        "names a document that is not declared",
    ]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"spdxVersion": "SPDX-2.2"}, "spdxVersion may not be 'SPDX-2.2'"),
        ({"dataLicense": "MIT"}, "dataLicense"),
        ({"SPDXID": "SPDXRef-x"}, "SPDXID"),
        ({"name": ""}, "name must not be empty"),
        ({"documentNamespace": "https://x.example/a#b"}, "documentNamespace has the wrong form"),
        ({"documentNamespace": None}, "documentNamespace must be text, not null"),
        ({"creationInfo": {"creators": ["x"]}}, "creationInfo.created is missing"),
        ({"creationInfo": {"created": "2026-03-01", "creators": ["x"]}}, "must be an instant"),
        ({"creationInfo": {"created": "soon", "creators": ["x"]}}, "creationInfo.created"),
        (
            {"creationInfo": {"created": "2026-03-01T00:00:00Z", "creators": []}},
            "creationInfo.creators",
        ),
        ({"documentDescribes": ["SPDXRef-gone"]}, "documentDescribes[0] names no element"),
        ({"packages": [package("a"), package("a")]}, "packages[1].SPDXID is used twice"),
        ({"packages": [package("a", SPDXID="SPDXRef-a b")]}, "has the wrong form"),
        ({"packages": [package("a", name="")]}, "must not be empty"),
        ({"packages": [{"SPDXID": "SPDXRef-a", "name": "a"}]}, "downloadLocation is missing"),
        (
            {"packages": [package("a", checksums=[{"algorithm": "X", "checksumValue": "a"}])]},
            "algorithm may not be 'X'",
        ),
        ({"relationships": [relation("root", "LIKES", "root")]}, "may not be 'LIKES'"),
        ({"relationships": [relation("root", "CONTAINS", "a b")]}, "relatedSpdxElement"),
        ({"packages": {}}, "packages must be a list, not an object"),
        ({"packages": [nameless("root", "1", name="x\u0000")]}, "packages[0].name"),
    ],
)
def test_a_broken_document_is_refused_with_the_place(broken, words):
    assert words in refusal({**document(package("root")), **broken})
