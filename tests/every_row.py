"""Every row of every table as one digest a table: what was not changed has the same."""

import hashlib

from django.apps import apps


def digests() -> dict[str, str]:
    """Table -> digest of all its rows, through tables of many-to-many fields included."""
    found = {}
    for model in apps.get_models(include_auto_created=True, include_swapped=True):
        names = [field.attname for field in model._meta.concrete_fields]
        digest = hashlib.sha256()
        for row in model._base_manager.order_by("pk").values_list(*names):
            digest.update(
                repr([bytes(v) if isinstance(v, memoryview) else v for v in row]).encode()
            )
        found[model._meta.db_table] = digest.hexdigest()
    return found
