"""The rules of CycloneDX that types alone do not catch, checked over all parts of a BOM."""

from collections.abc import Iterable
from typing import NamedTuple

from lineage.ingest.parsers.cyclonedx_schema import (
    Bom,
    Component,
    LicenseChoice,
    Property,
    Service,
)
from lineage.ingest.parsers.faults import Fault
from lineage.ingest.parsers.licenses import is_spdx_id, spelled
from lineage.ingest.values import BadValue, parse_instant


class Placed(NamedTuple):
    """A component or service, and where it stands in the document."""

    path: str
    part: Component | Service


def placed_parts(bom: Bom) -> list[Placed]:
    """Every component and service at any depth, the root first, parents before children."""
    waiting: list[Placed] = []
    if bom.metadata and bom.metadata.component:
        waiting.append(Placed("metadata.component", bom.metadata.component))
    waiting += _children("components", bom.components)
    waiting += _children("services", bom.services)
    waiting.reverse()
    parts = []
    while waiting:
        placed = waiting.pop()
        parts.append(placed)
        part = placed.part
        if isinstance(part, Component):
            nested = _children(f"{placed.path}.components", part.components)
        else:
            nested = _children(f"{placed.path}.services", part.services)
        waiting += reversed(nested)
    return parts


def check(bom: Bom, parts: list[Placed]) -> None:
    """Raise Fault at the first broken rule."""
    version = _spec(bom)
    if bom.metadata:
        _check_timestamp(bom.metadata.timestamp)
        _check_licenses("metadata", bom.metadata.licenses, version)
        _check_properties("metadata", bom.metadata.properties, version)
    refs: set[str] = set()
    for path, part in parts:
        if part.bom_ref in refs:
            raise Fault(f"{path}.bom-ref", f"is used twice: {part.bom_ref[:64]}")
        if part.bom_ref == "" and version >= (1, 5):
            raise Fault(f"{path}.bom-ref", "must not be empty")
        if part.bom_ref:
            refs.add(part.bom_ref)
        _check_licenses(path, part.licenses, version)
        _check_properties(path, part.properties, version)
        if isinstance(part, Component):
            _check_component(path, part, version)
    for at, dependency in enumerate(bom.dependencies):
        if dependency.ref == "" and version >= (1, 5):
            raise Fault(f"dependencies[{at}].ref", "must not be empty")


def _children(path: str, parts: Iterable[Component | Service]) -> list[Placed]:
    return [Placed(f"{path}[{at}]", part) for at, part in enumerate(parts)]


def _spec(bom: Bom) -> tuple[int, int]:
    major, minor = bom.spec_version.split(".")
    return int(major), int(minor)


def _check_timestamp(text: str | None) -> None:
    if text is None:
        return
    try:
        parse_instant(text)
    except BadValue as error:
        raise Fault("metadata.timestamp", error.reason) from error
    if "T" not in text.upper():
        raise Fault("metadata.timestamp", "must be an instant, not a date")


def _check_component(path: str, part: Component, version: tuple[int, int]) -> None:
    """What only some versions of the format allow of a component."""
    if part.version_range and version >= (1, 7):
        if part.version:
            raise Fault(f"{path}.versionRange", "stands beside a version; only one may be stated")
        if not part.is_external:
            raise Fault(f"{path}.versionRange", "is only for external components")
    for at, entry in enumerate(part.hashes):
        if entry.alg.startswith("Streebog") and version < (1, 7):
            raise Fault(f"{path}.hashes[{at}].alg", "is known since CycloneDX 1.7 only")


def _no_license(text: str) -> str:
    known = spelled(text)
    hint = f"; it is spelled {known}" if known and known != text else ""
    return f"is no licence of the SPDX list: {text[:64]}{hint}"


def _check_licenses(path: str, choices: list[LicenseChoice], version: tuple[int, int]) -> None:
    for at, choice in enumerate(choices):
        field = f"{path}.licenses[{at}]"
        if choice.license is None and choice.expression is None:
            raise Fault(field, "has neither license nor expression")
        if choice.license is None:
            continue
        if choice.expression is not None:
            raise Fault(field, "has both license and expression")
        if choice.license.id is None and choice.license.name is None:
            raise Fault(f"{field}.license", "has neither id nor name")
        if choice.license.id is not None and not is_spdx_id(choice.license.id):
            raise Fault(f"{field}.license.id", _no_license(choice.license.id))
        _check_properties(f"{field}.license", choice.license.properties, version)
    has_expression = any(choice.expression is not None for choice in choices)
    if has_expression and len(choices) > 1 and version in ((1, 5), (1, 6)):
        raise Fault(f"{path}.licenses", "may hold nothing beside an expression")


def _check_properties(path: str, properties: list[Property], version: tuple[int, int]) -> None:
    for at, entry in enumerate(properties):
        if entry.name is None and version >= (1, 6):
            raise Fault(f"{path}.properties[{at}].name", "is missing")
