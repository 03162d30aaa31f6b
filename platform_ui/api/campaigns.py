"""Campaigns over the API: start one, see who is left, remind, cancel."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.campaigns import STATES, CampaignDetail, campaign_detail, campaign_list
from lifecycle.services.campaigns import cancel_campaign, remind_owners, start_campaign
from lifecycle.services.campaigns.control import Start
from lifecycle.tasks import deliver_notices
from lineage.selectors.modules import module_named
from lineage.selectors.paging import slice_of
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE
from platform_ui.api import campaign_shapes as shapes
from platform_ui.api.lineage_shapes import BlockerShape, ProjectionShape
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated
from platform_ui.api.removal_shapes import CountShape


class CampaignQuery(PageQuery):
    state = serializers.ChoiceField(choices=STATES, default="open")
    owner = serializers.CharField(default="", help_text="The team that owns what is drained.")
    module = serializers.CharField(default="", help_text="The module that is drained, by name.")


class CampaignsView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Campaigns",
        operation_id="campaigns",
        parameters=[CampaignQuery],
        responses=page_of(shapes.CampaignShape),
    )
    def get(self, request: Request) -> Response:
        """Ranges still in use that are being drained, those that end first at the top."""
        part = campaign_list(now=timezone.now(), **asked(request, CampaignQuery))
        return page_response(request, part, shapes.CampaignShape)

    @extend_schema(
        summary="Start a campaign",
        operation_id="campaign_start",
        request=shapes.StartCampaignShape,
        responses={201: shapes.CampaignShape},
    )
    def post(self, request: Request) -> Response:
        """Drain a line: tell who is left, remind them, sunset it when the last has moved.

        409: it is not in use, cannot go at all, or is drained already.
        """
        values, now = stated(request, shapes.StartCampaignShape), timezone.now()
        module = module_named(values.pop("ecosystem"), values.pop("module"))
        campaign = start_campaign(module, Start(**values), actor=caller_of(request), now=now)
        jobs.start(deliver_notices)
        row = campaign_detail(campaign.pk, now=now).row
        return Response(shapes.CampaignShape(row).data, status=status.HTTP_201_CREATED)


DETAIL: dict[str, Any] = {
    "campaign": shapes.CampaignShape(),
    "reason": serializers.CharField(help_text="Where the line stands now, in words."),
    "waits_for": serializers.CharField(
        help_text="What would keep it once it is drained: an exemption, a policy, silence."
    ),
    "owners": CountShape(many=True, help_text="Who has how many in the way."),
    "readings": shapes.ReadingShape(many=True, help_text="One a day, the last of now."),
    "projection": ProjectionShape(help_text="When the last consumer would be gone."),
    "is_late": serializers.BooleanField(help_text="Whether that is after the deadline."),
}


class CampaignView(APIView):
    @extend_schema(
        summary="A campaign and who is left",
        operation_id="campaign",
        parameters=[PageQuery],
        responses=page_of(BlockerShape, **DETAIL),
    )
    def get(self, request: Request, pk: int) -> Response:
        """One campaign, who still stands in its way, and how it ran down."""
        place = asked(request, PageQuery)
        detail = campaign_detail(pk, now=timezone.now(), **place)
        left = detail.drain.named if detail.drain else slice_of([], **place)
        return page_response(request, left, BlockerShape, **_totals(detail))


def _totals(detail: CampaignDetail) -> dict[str, Any]:
    run, drain = detail.burndown, detail.drain
    days = zip(run.days, run.consumers, run.deployments, strict=True)
    return {
        "campaign": shapes.CampaignShape(detail.row).data,
        "reason": drain.reason if drain else "",
        "waits_for": detail.waits_for,
        "owners": CountShape(drain.named.owners if drain else (), many=True).data,
        "readings": shapes.ReadingShape(
            [{"day": d, "consumers": c, "deployments": n} for d, c, n in days], many=True
        ).data,
        "projection": ProjectionShape(run.projection).data,
        "is_late": run.is_late,
    }


class CancelCampaignView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Cancel a campaign",
        operation_id="campaign_cancel",
        request=shapes.CancelCampaignShape,
        responses=shapes.CampaignShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """End it; nothing is sunset. 409: it is over, or its sunset is on its way."""
        reason, now = stated(request, shapes.CancelCampaignShape)["reason"], timezone.now()
        cancel_campaign(pk, actor=caller_of(request), reason=reason, now=now)
        jobs.start(deliver_notices)
        return Response(shapes.CampaignShape(campaign_detail(pk, now=now).row).data)


class RemindCampaignView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Remind who is left",
        operation_id="campaign_remind",
        request=None,
        responses=shapes.RemindedShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tell the owners of whoever is left, now. 409: they were told within the hour."""
        asked(request, Query)
        owners = remind_owners(pk, actor=caller_of(request), now=timezone.now())
        jobs.start(deliver_notices)
        return Response({"owners": owners})
