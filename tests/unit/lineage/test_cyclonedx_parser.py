"""CycloneDX BOMs as locked trees, against real BOMs and the format's own cases."""

import gzip
import json

import pytest
from packageurl import PackageURL

from lineage.exceptions import UnreadableDocument
from lineage.ingest.parsers.base import Accepted, Rejected
from lineage.ingest.parsers.cyclonedx import CycloneDxParser
from tests.shared_data import SHARED, shared_path


def parse(bom):
    data = bom if isinstance(bom, bytes) else json.dumps(bom).encode()
    items = CycloneDxParser().parse(data)
    trees = [item.record for item in items if isinstance(item, Accepted)]
    rejected = [(item.field, item.reason) for item in items if isinstance(item, Rejected)]
    assert len(trees) <= 1
    return (trees[0] if trees else None), rejected


def refusal(bom):
    with pytest.raises(UnreadableDocument) as caught:
        parse(bom)
    return caught.value.reason


def bom(**parts):
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", **parts}


def library(name, **more):
    return {"type": "library", "bom-ref": name, "name": name, "version": "1.0.0", **more}


def npm(name, version="1.0.0", **more):
    return library(name, version=version, purl=f"pkg:npm/{name}@{version}", **more)


ROOT = {"component": npm("root", type="application")}


def suite(prefix):
    folder = SHARED / "suites" / "cyclonedx"
    found = folder.glob(f"*/{prefix}-*.json")
    names = sorted(str(path.relative_to(SHARED)) for path in found)
    return names or [f"suites/cyclonedx/{prefix}"]


@pytest.mark.parametrize("name", suite("valid"))
def test_valid_boms_are_taken_whole(name):
    data = shared_path(name).read_bytes()
    tree, rejected = parse(data)
    assert rejected == []
    holds_something = {"components", "services"} & {k for k, v in json.loads(data).items() if v}
    assert (tree is not None) >= bool(holds_something)


@pytest.mark.parametrize("name", suite("invalid"))
def test_invalid_boms_are_refused(name):
    assert "not valid" in refusal(shared_path(name).read_bytes())


def triple(component):
    purl = PackageURL.from_string(component["purl"])
    return purl.type, "/".join(filter(None, (purl.namespace, purl.name))), purl.version


def components_of(parts):
    for part in parts:
        yield part
        yield from components_of(part.get("components", []))


@pytest.mark.parametrize(
    ("name", "versions", "edges", "from_root", "unreached"),
    [
        ("juice-shop", 979, 1660, 71, 0),
        ("keycloak", 903, 994, 0, 902),
        ("backstage", 777, 1541, 3, 0),
        ("small", 300, 514, 8, 0),
    ],
)
def test_real_boms_keep_every_component_and_edge(name, versions, edges, from_root, unreached):
    data = gzip.decompress(shared_path(f"data/sboms/{name}.cdx.json.gz").read_bytes())
    tree, rejected = parse(data)
    whole = json.loads(data)
    root = whole["metadata"]["component"]
    by_ref = {part["bom-ref"]: triple(part) for part in components_of([root, *whole["components"]])}
    expected = {
        (by_ref[entry["ref"]], by_ref[ref])
        for entry in whole["dependencies"]
        for ref in entry.get("dependsOn", [])
    }
    assert rejected == []
    assert tree.root == triple(root)
    assert set(tree.components) == set(by_ref.values())
    assert set(tree.edges) == {(a, b) for a, b in expected if a != b}
    assert len(tree.edges) == len(set(tree.edges)) == edges
    assert len(tree.components) == versions
    assert sum(source == tree.root for source, _ in tree.edges) == from_root
    assert len(tree.unreached) == unreached
    assert tree.stated_at == whole["metadata"].get("timestamp")


def test_qualifiers_and_subpath_tell_no_versions_apart_and_self_edges_go():
    tree, rejected = parse(
        bom(
            metadata=ROOT,
            components=[
                library("a", purl="pkg:maven/org.x/a@1?type=jar", hashes=[]),
                library("b", purl="pkg:maven/org.x/a@1?type=pom#sub"),
            ],
            dependencies=[
                {"ref": "root", "dependsOn": ["a", "b", "a"]},
                {"ref": "a", "dependsOn": ["b"]},
            ],
        )
    )
    assert rejected == []
    assert list(tree.components) == [("npm", "root", "1.0.0"), ("maven", "org.x/a", "1")]
    assert tree.edges == [(("npm", "root", "1.0.0"), ("maven", "org.x/a", "1"))]


def test_parts_without_purl_or_version_are_kept_under_a_name_that_says_so():
    tree, rejected = parse(
        bom(
            metadata={"component": {"type": "application", "name": "shop", "version": "2.0.0"}},
            components=[
                {"type": "file", "group": "g", "name": "f"},
                {"type": "library", "name": "x", "purl": "pkg:npm/%40s/x"},
                {"type": "library", "name": "y", "version": "3", "purl": "pkg:pypi/y"},
            ],
            services=[{"name": "mail", "services": [{"name": "smtp", "version": "1"}]}],
        )
    )
    assert rejected == []
    assert list(tree.components) == [
        ("platform", "shop", "2.0.0"),
        ("generic", "g/f", "unversioned"),
        ("npm", "@s/x", "0.0.0-unversioned"),
        ("pypi", "y", "3"),
        ("generic", "mail", "unversioned"),
        ("generic", "smtp", "1"),
    ]
    assert tree.kind == "service"
    assert len(tree.unreached) == 5


@pytest.mark.parametrize(("version", "ecosystem"), [("1.2.3", "platform"), ("2022-1", "generic")])
def test_a_root_without_purl_is_on_the_platform_if_its_version_is_semantic(version, ecosystem):
    tree, _ = parse(bom(metadata={"component": library("app", version=version)}))
    assert tree.root == (ecosystem, "app", version)
    assert tree.kind == "library"


def test_a_bom_without_root_gets_one_and_an_empty_bom_yields_nothing():
    serial = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
    tree, _ = parse(bom(serialNumber=serial, version=4, components=[npm("a")]))
    assert tree.root == ("generic", "sbom/3e671687-395b-41f5-a30f-a58921a69b79", "4")
    assert tree.unreached == [("npm", "a", "1.0.0")]
    unnamed, _ = parse(bom(components=[npm("a")]))
    assert unnamed.root[1].startswith("sbom/sha256:")
    assert parse(bom(components=[])) == (None, [])


def test_metadata_keeps_type_scope_digest_and_licences():
    hashes = [{"alg": "MD5", "content": "A" * 32}, {"alg": "SHA-256", "content": "B" * 64}]
    licenses = [{"license": {"id": "MIT"}}, {"license": {"name": "Own\u0000" + "x" * 999}}]
    tree, _ = parse(bom(components=[npm("a", scope="optional", hashes=hashes, licenses=licenses)]))
    kept = tree.components["npm", "a", "1.0.0"]
    assert kept["digest"] == "sha256:" + "b" * 64
    assert (kept["type"], kept["scope"]) == ("library", "optional")
    assert kept["licenses"][0] == "MIT"
    assert kept["licenses"][1].startswith("Own x")
    assert len(kept["licenses"][1]) == 256


@pytest.mark.parametrize(
    ("part", "field", "word"),
    [
        (library("b", purl="nonsense"), "components[0].purl", "package URL"),
        (library("b", purl="pkg:npm/" + "b" * 300), "components[0].purl", "longer than 256"),
        (library("b", purl=f"pkg:{'n' * 33}/b@1"), "components[0].purl", "type longer"),
        (library("b", version=" 1"), "components[0].version", "space"),
        ({"type": "file", "bom-ref": "b", "name": "x\u0000"}, "components[0].name", "control"),
    ],
)
def test_a_part_without_identity_is_reported_and_the_rest_kept(part, field, word):
    dependencies = [{"ref": "root", "dependsOn": ["b", "c"]}, {"ref": "b", "dependsOn": ["c"]}]
    tree, rejected = parse(
        bom(metadata=ROOT, components=[part, npm("c")], dependencies=dependencies)
    )
    assert [found for found, _ in rejected] == [field]
    assert word in rejected[0][1]
    assert tree.edges == [(("npm", "root", "1.0.0"), ("npm", "c", "1.0.0"))]


def test_unknown_refs_are_reported_one_by_one():
    dependencies = [{"ref": "gone", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["a", "lost"]}]
    tree, rejected = parse(bom(components=[npm("a")], dependencies=dependencies))
    assert rejected == [
        ("dependencies[0].ref", "names no component of this document: gone"),
        ("dependencies[1].dependsOn[1]", "names no component of this document: lost"),
    ]
    assert tree.edges == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"specVersion": "1.1"}, "specVersion may not be '1.1'"),
        ({"specVersion": "2.0"}, "specVersion may not be '2.0'"),
        ({"bomFormat": None}, "bomFormat"),
        ({"components": {}}, "components must be a list, not an object"),
        (
            {"components": [npm("a"), npm("b", components=[npm("a")])]},
            "components[1].components[0]",
        ),
        ({"metadata": {"component": library("a", purl="x")}}, "metadata.component.purl"),
        ({"metadata": {"timestamp": "soon"}}, "metadata.timestamp"),
    ],
)
def test_a_broken_bom_is_refused_with_the_place(broken, words):
    assert words in refusal(bom(**broken))


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"])
def test_every_version_of_the_format_is_read(version):
    tree, _ = parse({**bom(components=[npm("a")]), "specVersion": version})
    assert ("npm", "a", "1.0.0") in tree.components


def test_components_nested_very_deep_need_no_recursion_of_ours():
    part = npm("x0")
    for depth in range(1, 95):
        part = npm(f"x{depth}", components=[part])
    tree, _ = parse(bom(components=[part]))
    assert len(tree.components) == 96
