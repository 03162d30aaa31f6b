"""The demo: a platform and people, made once."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from lineage.models import Deployment, Module, Source
from platform_ui.demo import kept_password, load_platform, make_people

pytestmark = pytest.mark.django_db


def test_the_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "password"
    made = kept_password(path)
    assert len(made) >= 10
    assert kept_password(path) == made
    assert path.stat().st_mode & 0o077 == 0


def test_people_are_made_once_and_keep_what_they_changed() -> None:
    Module.objects.create(name="auth")
    assert make_people("first secret").keys() == {"ana", "ben", "chris"}
    ben = User.objects.get(username="ben")
    ben.set_password("a password of my own")
    ben.save()
    make_people("second secret")
    assert Client().login(username="ben", password="a password of my own")
    assert Client().login(username="ana", password="first secret")
    assert User.objects.get(username="ana").is_staff
    assert not User.objects.get(username="chris").is_staff


@pytest.mark.slow
def test_the_platform_is_simulated_large_and_loaded_once() -> None:
    summary = load_platform(timezone.now())
    assert summary is not None
    assert (summary.rejected, summary.conflicts) == (0, 0)
    assert Module.objects.count() > 1_300
    total = Deployment.objects.count()
    assert 29_000 < total < 32_000
    preprod = Deployment.objects.filter(environment__tier="preprod").count()
    assert 0.88 < preprod / total < 0.93
    assert Source.objects.get().is_simulated
    assert load_platform(timezone.now()) is None
