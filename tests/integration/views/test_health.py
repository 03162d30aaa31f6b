"""Health: up, ready, and figures for a monitor who may read."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineage.services.epoch import current_epoch
from tests.factories.lifecycle import NOW, flagged_platform, take_in, version
from tests.factories.people import api_client, person

pytestmark = pytest.mark.django_db


def problems(client: Client) -> dict[str, str]:
    response = client.get("/readyz")
    body = response.json()
    is_ready = response.status_code == 200
    assert body["status"] == ("ready" if is_ready else "unready")
    assert is_ready is not bool(body["problems"])
    return dict(body["problems"])


def test_process_that_answers_is_healthy_without_asking_the_database(stranger: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = stranger.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert len(queries) == 0


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_read_only(stranger: Client, address: str) -> None:
    assert stranger.post(address).status_code == 405
    assert stranger.head(address).status_code == 200


def test_working_system_is_ready(stranger: Client) -> None:
    assert problems(stranger) == {}


def test_missing_migration_makes_it_unready(stranger: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="lifecycle").order_by("-name")[0].delete()
    assert problems(stranger)["database"].endswith("migrations are not applied")


def test_broker_folder_that_is_gone_makes_it_unready(
    stranger: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.REDIS_URL = ""
    settings.BROKER_DIR = tmp_path / "gone"
    assert "broker" in problems(stranger)


def test_broker_that_does_not_answer_makes_it_unready(stranger: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert problems(stranger) == {"broker": "ConnectionError"}


def test_figures_are_told_to_who_may_read() -> None:
    flagged_platform()
    response = api_client(person("ana")).get("/metrics")
    assert response["Content-Type"].startswith("text/plain")
    told = dict(line.rsplit(" ", 1) for line in response.content.decode().splitlines())
    assert told["sundial_modules"] == "2"
    assert told["sundial_versions"] == "4"
    assert told["sundial_live_deployments"] == "2"
    assert told['sundial_open_findings{rule="unused-range"}'] == "1"
    assert told['sundial_open_findings{rule="expired-deployment"}'] == "1"
    assert told["sundial_ingest_runs"] == "1"
    assert told["sundial_epoch"] == told["sundial_snapshot_epoch"] == str(current_epoch().number)


def test_figures_tell_how_far_the_snapshot_is_behind() -> None:
    flagged_platform()
    take_in(version("auth", "3.0.0"), now=NOW)
    lines = api_client(person("ana")).get("/metrics").content.decode().splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines)
    assert int(told["sundial_epoch"]) > int(told["sundial_snapshot_epoch"])


def test_figures_of_an_empty_system_say_that_there_is_no_data(operator: Client) -> None:
    response = operator.get("/metrics")
    assert "sundial_data_age_seconds -1" in response.content.decode()


def test_stranger_reads_no_figures(stranger: Client) -> None:
    response = stranger.get("/metrics")
    assert response.status_code in {302, 401}
    assert "sundial_modules" not in response.content.decode()


def test_token_that_may_not_read_reads_no_figures() -> None:
    response = api_client(person("olga", is_staff=True), "ingest").get("/metrics")
    assert response.status_code == 403
    assert "sundial_modules" not in response.content.decode()
