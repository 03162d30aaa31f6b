"""Two hosts whose clocks differ: what one sunset the other brings back."""

import pytest

from lifecycle.services.sunsets import restore_sunset
from lineage.models import Deployment, Retirement
from tests.factories.lifecycle import DAY, NOW, execute, flagged_platform, operator, sunset_versions

pytestmark = pytest.mark.django_db


def test_what_a_clock_ahead_sunset_comes_back_all_the_same() -> None:
    flagged_platform()
    ahead = NOW + DAY
    sunset = execute("auth 1.x", "tv-home/preview", now=ahead)
    restored = restore_sunset(sunset.pk, actor=operator(), reason="used", now=NOW)
    assert restored.state == "restored"
    assert sunset_versions() == []
    assert not Deployment.objects.exclude(ended_at=None).exists()
    spans = set(Retirement.objects.values_list("sunset_at", "restored_at"))
    assert spans == {(ahead, ahead)}
