"""Nothing goes before its owner's notice listed it and was delivered."""

import pytest

from lifecycle.exceptions import Blocked
from lifecycle.models import Notice, Sunset
from lifecycle.services.notices import deliver_due
from lifecycle.services.sunsets import restore_sunset
from lifecycle.services.sweep import sweep
from lineage.models import Module
from tests.factories.lifecycle import (
    DAY,
    NOW,
    PLATFORM,
    execute,
    flagged_platform,
    operator,
    sunset_versions,
    sweep_and_tell,
    take_in,
    version,
)

pytestmark = pytest.mark.django_db
UNTOLD = "auth 1.x waits for its owner's notice to be delivered"


def refused(message: str, *labels: str) -> None:
    with pytest.raises(Blocked, match=message):
        execute(*labels, now=NOW + DAY)
    assert sunset_versions() == []
    assert not Sunset.objects.filter(state=Sunset.State.DONE).exists()


def test_notice_must_be_delivered() -> None:
    take_in(*PLATFORM)
    sweep(NOW)
    refused(UNTOLD, "auth 1.x")
    deliver_due(NOW)
    assert execute("auth 1.x").state == Sunset.State.DONE


def test_notice_must_list_the_very_thing() -> None:
    flagged_platform()
    Notice.objects.update(items=[{"subject": "module:0:line:9.x", "label": "", "detail": ""}])
    refused(UNTOLD, "auth 1.x")


def test_notice_must_have_gone_to_the_owner() -> None:
    flagged_platform()
    Notice.objects.update(team=None)
    refused(UNTOLD, "auth 1.x")


def test_notice_of_another_kind_is_no_proof() -> None:
    flagged_platform()
    Notice.objects.update(kind=Notice.Kind.RESTORED)
    refused(UNTOLD, "auth 1.x")


def test_notice_of_an_earlier_finding_is_no_proof_for_a_later_one() -> None:
    flagged_platform()
    sunset = execute("auth 1.x")
    restore_sunset(sunset.pk, actor=operator(), reason="", now=NOW)
    sweep(NOW + DAY)
    refused(UNTOLD, "auth 1.x")
    deliver_due(NOW + DAY)
    assert execute("auth 1.x", now=NOW + DAY).state == Sunset.State.DONE


def test_one_untold_thing_blocks_the_whole_batch() -> None:
    flagged_platform()
    take_in(
        version("jwt", "1.0.0", owner="identity"),
        version("jwt", "2.0.0", owner="identity"),
    )
    sweep(NOW)
    refused("jwt 1.x waits", "auth 1.x", "jwt 1.x")


def test_new_owner_is_told_before_it_goes_and_the_old_one_s_notice_is_no_proof() -> None:
    flagged_platform()
    take_in(version("auth", "2.1.0", owner="platform"))
    refused(UNTOLD, "auth 1.x")
    sweep(NOW + DAY)
    refused(UNTOLD, "auth 1.x")
    deliver_due(NOW + DAY)
    notice = Notice.objects.get(team__name="platform")
    assert "auth 1.x" in [item["label"] for item in notice.items]
    assert execute("auth 1.x", now=NOW + DAY).state == Sunset.State.DONE


def test_new_owner_of_a_deployment_is_told_before_it_ends() -> None:
    flagged_platform()
    take_in(version("tv-home", "1.1.0", "auth@^2", owner="media", kind="script"))
    refused("tv-home/preview waits", "tv-home/preview")
    sweep_and_tell(NOW + DAY)
    assert execute("tv-home/preview", now=NOW + DAY).state == Sunset.State.DONE


def test_new_owner_is_told_once_however_often_it_is_swept() -> None:
    flagged_platform()
    take_in(version("auth", "2.1.0", owner="platform"))
    for days in (1, 2):
        sweep(NOW + days * DAY)
    assert Notice.objects.filter(team__name="platform").count() == 1


def test_everything_handed_to_an_owner_is_told_though_a_part_of_it_was_theirs_before() -> None:
    take_in(
        version("auth", "1.0.0", owner="identity"),
        version("auth", "2.0.0", owner="identity"),
        version("jwt", "1.0.0", owner="tv"),
        version("jwt", "2.0.0", owner="tv"),
        *PLATFORM[3:],
    )
    sweep_and_tell()
    take_in(version("auth", "2.1.0", owner="tv"))
    sweep_and_tell(NOW + DAY)
    take_in(version("auth", "2.2.0", owner="identity"), version("jwt", "2.1.0", owner="identity"))
    sweep_and_tell(NOW + 2 * DAY)
    both = execute("auth 1.x", "jwt 1.x", now=NOW + 2 * DAY)
    assert both.state == Sunset.State.DONE


def test_wait_for_what_lost_its_owner_begins_when_the_operators_are_told() -> None:
    flagged_platform()
    Module.objects.filter(name="auth").update(owner=None)
    refused(UNTOLD, "auth 1.x")
    sweep_and_tell(NOW + DAY)
    refused("auth 1.x has no owner: it may go on 2024-09-09", "auth 1.x")
    assert execute("auth 1.x", now=NOW + 8 * DAY).state == Sunset.State.DONE
