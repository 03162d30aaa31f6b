"""Migrations say all that models say, and go back as they came."""

import pytest
from django.core.management import call_command
from django.db import connection


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
