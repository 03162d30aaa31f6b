"""How the parts of an SBOM and the artifacts of an event are named, whatever the format."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from packageurl import PackageURL

from lineage.ingest.parsers.faults import Fault
from lineage.versioning import InvalidVersion, parse_version, scheme_for

Triple = tuple[str, str, str]

MAX_NAME = 256
MAX_ECOSYSTEM = 32
PREFERRED_HASHES = ("sha256", "sha512", "sha384", "sha1", "md5")


class Stated(NamedTuple):
    """What a document says of one thing, each with the field it stands in."""

    purl: tuple[str, str]
    name: tuple[str, str]
    version: tuple[str, str]


def identity_of(stated: Stated, *, is_root: bool) -> Triple:
    """The (ecosystem, module, version) of a part of an SBOM; raises Fault.

    A purl gives all three; qualifiers and subpath tell no versions apart. Without one
    a root is ``platform`` where its version is semantic; all else is ``generic``.
    """
    purl, purl_field = stated.purl
    name, name_field = stated.name
    version, version_field = stated.version
    if purl:
        ecosystem, name, in_purl = triple_of(parse_purl(purl, purl_field), purl_field)
        version = in_purl or version
        name_field = version_field = purl_field
    else:
        ecosystem = "platform" if is_root and is_semantic(version) else "generic"
    version = version or _unversioned(ecosystem)
    check_name(name, name_field)
    check_name(version, version_field)
    return ecosystem, name, version


def parse_purl(text: str, field: str) -> PackageURL:
    """The package URL; raises Fault."""
    try:
        return PackageURL.from_string(text)
    except ValueError as error:
        raise Fault(field, "is not a package URL") from error


def triple_of(purl: PackageURL, field: str) -> Triple:
    """(ecosystem, module, version or nothing) of a package URL; raises Fault."""
    if len(purl.type) > MAX_ECOSYSTEM:
        raise Fault(field, f"has a type longer than {MAX_ECOSYSTEM} characters")
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    return purl.type, name, purl.version or ""


def check_name(text: str, field: str, *, longest: int = MAX_NAME) -> None:
    """Raise Fault unless the text can name something."""
    if not text or text != text.strip():
        raise Fault(field, "is empty or has space around it")
    if len(text) > longest:
        raise Fault(field, f"is longer than {longest} characters")
    if not text.isprintable():
        raise Fault(field, "holds a control or invisible character")


def is_semantic(version: str) -> bool:
    """Whether the text is a semantic version."""
    try:
        parse_version(version)
    except InvalidVersion:
        return False
    return True


def _unversioned(ecosystem: str) -> str:
    return "0.0.0-unversioned" if scheme_for(ecosystem).name == "semver" else "unversioned"


def digest_of(hashes: Iterable[tuple[str, str]]) -> str:
    """One of the (algorithm, content) pairs as a digest, the strongest usual one if there."""
    found = {alg.lower().replace("sha-", "sha"): content.lower() for alg, content in hashes}
    algorithm = next((name for name in PREFERRED_HASHES if name in found), next(iter(found)))
    return f"{algorithm}:{found[algorithm]}"


def short(text: str) -> str:
    """The text fit to be kept: printable and no longer than a name."""
    shown = "".join(mark if mark.isprintable() else " " for mark in text[: MAX_NAME + 1])
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 1]}…"


def unreached(
    root: Triple,
    components: Mapping[Triple, Any],
    edges: Mapping[tuple[Triple, Triple], None],
) -> list[Triple]:
    """The components no edge leads to from the root, in the document's order."""
    targets: dict[Triple, list[Triple]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
    reached = {root}
    waiting = [root]
    while waiting:
        fresh = [target for target in targets.get(waiting.pop(), ()) if target not in reached]
        reached.update(fresh)
        waiting += fresh
    return [triple for triple in components if triple not in reached]
