"""Everything lineage knows, as plain values without ids: equal facts give equal states."""

from typing import Any

from django.apps import apps
from django.db import models

from lineage.models import (
    Deployment,
    Deprecation,
    Environment,
    Epoch,
    EpochChange,
    IngestIssue,
    IngestRun,
    Inventory,
    JobRun,
    Module,
    ObservedProfile,
    ObservedVersion,
    Requirement,
    Source,
    Team,
    UnlistedDeployment,
    Version,
)

# Names a row instead of its id. A profile has none: it is told as part of its deployments.
NATURAL: dict[type[models.Model], tuple[str, ...]] = {
    Deployment: ("key", "started_at"),
    Deprecation: ("module", "range"),
    Environment: ("name",),
    Module: ("ecosystem", "name"),
    ObservedProfile: (),
    Requirement: ("module", "range", "is_locked"),
    Source: ("name",),
    Team: ("name",),
    Version: ("module", "version"),
}
# Of ingestion itself, not of the facts.
LEFT_OUT = {
    Epoch, EpochChange, IngestIssue, IngestRun, Inventory, JobRun, ObservedProfile,
    ObservedVersion, UnlistedDeployment,
}  # fmt: skip


def state() -> dict[str, list[Any]]:
    """The rows of every lineage table, each in one fixed order."""
    found = {
        model.__name__: _rows(model)
        for model in apps.get_app_config("lineage").get_models()
        if model not in LEFT_OUT
    }
    return {**found, "observed": _observed()}


def written_tables(statements: list[dict[str, str]]) -> set[str]:
    """The tables that captured queries inserted into, updated or deleted from."""
    tables = set()
    for statement in statements:
        times, _, sql = statement["sql"].rpartition(" times: ")
        words = sql.replace('"', " ").split() if times != "0" else [""]
        if words[0] in {"INSERT", "DELETE"}:
            tables.add(words[2])
        elif words[0] == "UPDATE":
            tables.add(words[1])
    return tables


def _rows(model: type[models.Model]) -> list[Any]:
    columns: list[str] = []
    for field in model._meta.concrete_fields:
        if field.related_model:
            columns += _path(field.name, field.related_model)
        elif not field.primary_key:
            columns.append(field.name)
    rows = model._default_manager.order_by().values_list(*columns)
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _path(prefix: str, model: Any) -> list[str]:
    path = []
    for name in NATURAL[model]:
        field = model._meta.get_field(name)
        if field.related_model:
            path += _path(f"{prefix}__{name}", field.related_model)
        else:
            path.append(f"{prefix}__{name}")
    return path


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _observed() -> list[Any]:
    deployments = Deployment.objects.exclude(profile=None).prefetch_related(
        "profile__versions__module"
    )
    return sorted(
        (d.key, d.started_at, sorted(str(v) for v in d.profile.versions.all())) for d in deployments
    )
