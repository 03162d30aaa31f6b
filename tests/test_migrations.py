"""Migrations say all that models say, and go back as they came."""

import pytest
from django.core.management import call_command
from django.db import connection

from lineage.models import Requirement
from tests.factories.platform import platform


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth() -> None:
    for app in ("lifecycle", "lineage"):
        call_command("migrate", app, "zero", verbosity=0)
    assert not [name for name in connection.introspection.table_names() if "lineage_" in name]
    call_command("migrate", verbosity=0)
    assert "lineage_module" in connection.introspection.table_names()


@pytest.mark.django_db(transaction=True)
def test_giving_an_ecosystem_a_scheme_re_reads_its_versions_and_goes_back() -> None:
    edge = {"module": "lib", "range": ">=1.4", "ecosystem": "pypi"}
    lib = {"type": "version", "ecosystem": "pypi", "module": "lib"}
    platform(
        {**lib, "version": "1.10"},
        {**lib, "version": "1.9"},
        {"type": "version", "module": "app", "version": "1.0.0", "dependencies": [edge]},
    )
    call_command("migrate", "lineage", "0007", verbosity=0)
    assert lines() == ["1.9", "1.10"]
    call_command("migrate", verbosity=0)
    assert lines() == ["1.x", "1.x"]
    requirement = Requirement.objects.get(range=">=1.4")
    assert requirement.resolved_version is not None
    assert requirement.resolved_version.version == "1.10"


def lines() -> list[str]:
    with connection.cursor() as cursor:  # the model has columns that came later
        cursor.execute(
            "SELECT v.major_line FROM lineage_version v JOIN lineage_module m ON m.id = v.module_id"
            " WHERE m.ecosystem = 'pypi' ORDER BY v.sort_key"
        )
        return [line for (line,) in cursor.fetchall()]
