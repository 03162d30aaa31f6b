"""One name for one module: records with the names their ecosystems' rules make of them."""

from collections.abc import Mapping

from msgspec.structs import replace

from lineage.ingest.parsers.base import Accepted, Parsed
from lineage.ingest.records import (
    Dependency,
    DeploymentRecord,
    DeprecationRecord,
    Record,
    VersionRecord,
    YankRecord,
)
from lineage.purls import FOLDING, module_name


def well_named(item: Parsed) -> Parsed:
    """The item, the modules of its record named by the rules of their purl types."""
    if isinstance(item, Accepted):
        record = _well_named(item.record)
        if record is not item.record:
            return Accepted(item.line, record)
    return item


def _well_named(record: Record) -> Record:
    if isinstance(record, VersionRecord):
        return _version(record)
    if isinstance(record, DeploymentRecord):
        if record.ecosystem not in FOLDING:
            return record
        name = module_name(record.ecosystem, record.module)
        return replace(record, module=name, resolved=_resolved(record))
    if isinstance(record, DeprecationRecord | YankRecord) and record.ecosystem in FOLDING:
        return replace(record, module=module_name(record.ecosystem, record.module))
    return record


def _resolved(record: DeploymentRecord) -> Mapping[str, str]:
    return {module_name(record.ecosystem, name): text for name, text in record.resolved.items()}


def _version(record: VersionRecord) -> VersionRecord:
    stated = (*record.dependencies, *record.optional_dependencies)
    own = record.ecosystem
    # Nearly every record has nothing to fold: look before anything is copied.
    if own not in FOLDING and not any(one.ecosystem in FOLDING for one in stated):
        return record
    return replace(
        record,
        module=module_name(own, record.module),
        dependencies=[_dependency(own, one) for one in record.dependencies],
        optional_dependencies=[_dependency(own, one) for one in record.optional_dependencies],
    )


def _dependency(own: str, dependency: Dependency) -> Dependency:
    return replace(dependency, module=module_name(dependency.ecosystem or own, dependency.module))
