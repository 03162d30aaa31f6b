"""Plans, sunsets and the emergency stop over the API."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import EmergencyStop, Sunset
from lifecycle.selectors.stops import current_stop
from lifecycle.selectors.sunsets import sunset_detail, sunset_list
from lifecycle.services.plans import PlanRequest, plan_for
from lifecycle.services.stops import end_stop, start_stop
from lifecycle.services.sunsets import (
    announce_sunset,
    cancel_sunset,
    execute_plan,
    execute_sunset,
    restore_sunset,
)
from lifecycle.states import ItemState
from lifecycle.tasks import deliver_notices
from lineage.selectors.modules import module_named
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import ADMIN, LIFECYCLE, READ
from platform_ui.api import sunset_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated


def _plan_request(values: dict[str, Any]) -> PlanRequest:
    if values.get("findings"):
        return PlanRequest(finding_ids=tuple(values["findings"]))
    module = module_named(values["ecosystem"], values["module"])
    return PlanRequest(module_id=module.pk, line=values["line"])


def _answer(sunset: Sunset, *, code: int = status.HTTP_200_OK) -> Response:
    jobs.start(deliver_notices)
    return Response(shapes.SunsetShape(sunset).data, status=code)


class PlanView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Plan a sunset",
        operation_id="sunset_plan",
        request=shapes.PlanRequestShape,
        responses=shapes.PlanShape,
    )
    def post(self, request: Request) -> Response:
        """A dry run: what would go, under which terms, what stands in its way. Changes nothing."""
        wanted = _plan_request(stated(request, shapes.PlanRequestShape))
        return Response(shapes.PlanShape(plan_for(wanted, now=timezone.now())).data)


class ExecuteView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Sunset what a plan listed, at once",
        operation_id="sunset_execute",
        request=shapes.ExecuteShape,
        responses={201: shapes.SunsetShape},
    )
    def post(self, request: Request) -> Response:
        """Do exactly what the plan of this hash listed, if it still holds.

        Where a policy gives owners time, it is announced and goes then. 409: the data
        changed, or something named stands in the way; nothing was sunset. Sent twice it
        takes effect once.
        """
        values = stated(request, shapes.ExecuteShape)
        sunset = execute_plan(
            _plan_request(values),
            hash=values["hash"],
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
        )
        return _answer(sunset, code=status.HTTP_201_CREATED)


class SunsetQuery(PageQuery):
    state = serializers.ChoiceField(choices=["", *Sunset.State], default="")


class SunsetsView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Sunsets",
        operation_id="sunsets",
        parameters=[SunsetQuery],
        responses=page_of(shapes.SunsetShape),
    )
    def get(self, request: Request) -> Response:
        """What was announced and sunset, newest first."""
        part = sunset_list(**asked(request, SunsetQuery))
        return page_response(request, part, shapes.SunsetShape)

    @extend_schema(
        summary="Announce what a plan listed",
        operation_id="sunset_announce",
        request=shapes.AnnounceShape,
        responses={201: shapes.SunsetShape},
    )
    def post(self, request: Request) -> Response:
        """Tell the owners and let it go by itself once their time is over.

        Confirms exactly the plan of this hash. 409: the data changed, or something named
        stands in the way; nothing was announced. Sent twice it takes effect once.
        """
        values = stated(request, shapes.AnnounceShape)
        days = values.get("grace_days")
        sunset = announce_sunset(
            _plan_request(values),
            hash=values["hash"],
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
            grace=None if days is None else timedelta(days=days),
            force=shapes.force_of(values),
        )
        return _answer(sunset, code=status.HTTP_201_CREATED)


SUNSET: dict[str, Any] = {
    "sunset": shapes.SunsetShape(),
    "is_restorable": serializers.BooleanField(),
    "states": serializers.DictField(
        child=serializers.IntegerField(), help_text="Items in each state, over all pages."
    ),
}


class ItemQuery(PageQuery):
    item_state = serializers.ChoiceField(choices=["", *ItemState], default="")


class SunsetView(APIView):
    @extend_schema(
        summary="A sunset and its items",
        operation_id="sunset",
        parameters=[ItemQuery],
        responses=page_of(shapes.SunsetItemShape, **SUNSET),
    )
    def get(self, request: Request, pk: int) -> Response:
        """One sunset, item by item."""
        detail = sunset_detail(pk, now=timezone.now(), **asked(request, ItemQuery))
        return page_response(
            request,
            detail.items,
            shapes.SunsetItemShape,
            sunset=shapes.SunsetShape(detail.sunset).data,
            is_restorable=detail.is_restorable,
            states=detail.states,
        )


class GoOnView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Let a sunset go on now",
        operation_id="sunset_go_on",
        request=shapes.GoOnShape,
        responses=shapes.SunsetShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take the next steps at once. 409: its time has not come, or something is in the way.

        Forcing takes an operator with the scope ``admin``, a reason and the typed title.
        """
        values = stated(request, shapes.GoOnShape)
        sunset = execute_sunset(
            pk,
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
            force=shapes.force_of(values),
        )
        return _answer(sunset)


class CancelView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Cancel a sunset",
        operation_id="sunset_cancel",
        request=shapes.ReasonShape,
        responses=shapes.SunsetShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let stay what has not gone yet. 409: it is over."""
        reason = stated(request, shapes.ReasonShape)["reason"]
        return _answer(
            cancel_sunset(pk, actor=caller_of(request), reason=reason, now=timezone.now())
        )


class RestoreView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Restore a sunset",
        operation_id="sunset_restore",
        request=shapes.RestoreShape,
        responses=shapes.SunsetShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Bring the whole batch back as it was, or some items. 409: it cannot be restored now."""
        values = stated(request, shapes.RestoreShape)
        sunset = restore_sunset(
            pk,
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
            item_ids=values.get("items"),
        )
        return _answer(sunset)


class StopView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="The emergency stop",
        operation_id="sunset_stop",
        responses=shapes.StandingStopShape,
    )
    def get(self, request: Request) -> Response:
        """Whether everything is stopped now."""
        asked(request, Query)
        return _standing(current_stop())

    @extend_schema(
        summary="Stop everything",
        operation_id="sunset_stop_start",
        request=shapes.StatedReasonShape,
        responses=shapes.StandingStopShape,
    )
    def post(self, request: Request) -> Response:
        """From now on nothing is announced, sunset or purged; restoring still works."""
        reason = stated(request, shapes.StatedReasonShape)["reason"]
        return _standing(start_stop(actor=caller_of(request), reason=reason, now=timezone.now()))


class EndStopView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Let everything go on",
        operation_id="sunset_stop_end",
        request=shapes.StatedReasonShape,
        responses=shapes.StandingStopShape,
    )
    def post(self, request: Request) -> Response:
        """End the emergency stop. 404: nothing is stopped."""
        reason = stated(request, shapes.StatedReasonShape)["reason"]
        return _standing(end_stop(actor=caller_of(request), reason=reason, now=timezone.now()))


def _standing(stop: EmergencyStop | None) -> Response:
    said = {"is_stopped": stop is not None and bool(stop.is_on), "stop": stop}
    return Response(shapes.StandingStopShape(said).data)
