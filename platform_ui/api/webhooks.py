"""Webhooks and the log of deliveries over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.models import Delivery
from lifecycle.selectors.hearing import (
    delivery_list,
    webhook_list,
)
from lifecycle.services.resend import delivery_for, resend
from lifecycle.services.webhooks import (
    WebhookWish,
    change_webhook,
    create_webhook,
    ping,
    remove_webhook,
    rotate_secret,
    webhook_for,
)
from lifecycle.tasks import send_deliveries
from platform_ui import jobs
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import LIFECYCLE, READ
from platform_ui.api import hearing_shapes as shapes
from platform_ui.api.hearing import team_named
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated

DELIVERIES = page_of(shapes.DeliveryShape)


class WebhooksView(APIView):
    required_scopes = {"GET": LIFECYCLE, "POST": LIFECYCLE}

    @extend_schema(
        summary="Webhooks",
        operation_id="webhooks",
        parameters=[PageQuery],
        responses=page_of(shapes.WebhookShape),
    )
    def get(self, request: Request) -> Response:
        """The webhooks one may keep: one's teams', for operators every one."""
        part = webhook_list(caller_of(request), **asked(request, PageQuery))
        return page_response(request, part, shapes.WebhookShape)

    @extend_schema(
        summary="Make a webhook",
        operation_id="webhook_make",
        request=shapes.NewWebhookShape,
        responses={201: shapes.WebhookMadeShape},
    )
    def post(self, request: Request) -> Response:
        """Make a webhook; its secret stands in this answer and nowhere again."""
        values = stated(request, shapes.NewWebhookShape)
        team = team_named(values.pop("team", None))
        row, secret = create_webhook(
            WebhookWish(**values), team=team, actor=caller_of(request), now=timezone.now()
        )
        made = shapes.WebhookMadeShape({"webhook": row, "secret": secret})
        return Response(made.data, status=status.HTTP_201_CREATED)


class WebhookView(APIView):
    required_scopes = {"GET": LIFECYCLE, "PUT": LIFECYCLE, "DELETE": LIFECYCLE}

    @extend_schema(summary="A webhook", operation_id="webhook", responses=shapes.WebhookShape)
    def get(self, request: Request, pk: int) -> Response:
        """One webhook, without its secret."""
        asked(request, Query)
        return Response(shapes.WebhookShape(webhook_for(pk, caller_of(request))).data)

    @extend_schema(
        summary="Change a webhook",
        operation_id="webhook_change",
        request=shapes.WebhookWishShape,
        responses=shapes.WebhookShape,
    )
    def put(self, request: Request, pk: int) -> Response:
        """Change a webhook; enabling it sends what waits."""
        wish = WebhookWish(**stated(request, shapes.WebhookWishShape))
        row = change_webhook(pk, wish, actor=caller_of(request), now=timezone.now())
        jobs.start(send_deliveries)
        return Response(shapes.WebhookShape(row).data)

    @extend_schema(summary="Remove a webhook", operation_id="webhook_remove", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a webhook and its log."""
        asked(request, Query)
        remove_webhook(pk, actor=caller_of(request), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class RotateView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Rotate the secret",
        operation_id="webhook_rotate",
        request=None,
        responses=shapes.SecretShape,
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret; for a day the one before signs too."""
        asked(request, Query)
        secret = rotate_secret(pk, actor=caller_of(request), now=timezone.now())
        return Response({"secret": secret})


class PingView(APIView):
    required_scopes = {"POST": LIFECYCLE}

    @extend_schema(
        summary="Send a test",
        operation_id="webhook_ping",
        request=None,
        responses={202: shapes.DeliveryShape},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Queue a test event; the delivery says what came of it."""
        asked(request, Query)
        row = ping(pk, actor=caller_of(request), now=timezone.now())
        jobs.start(send_deliveries)
        return Response(shapes.DeliveryShape(row).data, status=status.HTTP_202_ACCEPTED)


class DeliveryQuery(PageQuery):
    state = serializers.ChoiceField(choices=["", *Delivery.State.values], default="")


class WebhookDeliveriesView(APIView):
    required_scopes = {"GET": LIFECYCLE}

    @extend_schema(
        summary="Deliveries of a webhook",
        operation_id="webhook_deliveries",
        parameters=[DeliveryQuery],
        responses=DELIVERIES,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Its log, newest first."""
        values = asked(request, DeliveryQuery)
        state = values.pop("state")
        row = webhook_for(pk, caller_of(request))
        part = delivery_list(webhook_id=row.pk, states=[state] if state else (), **values)
        return page_response(request, part, shapes.DeliveryShape)


class DeliveriesView(APIView):
    @extend_schema(
        summary="Deliveries",
        operation_id="deliveries",
        parameters=[DeliveryQuery],
        responses=DELIVERIES,
    )
    def get(self, request: Request) -> Response:
        """What was sent to one and one's teams over channels, newest first."""
        values = asked(request, DeliveryQuery)
        state = values.pop("state")
        part = delivery_list(actor=caller_of(request), states=[state] if state else (), **values)
        return page_response(request, part, shapes.DeliveryShape)


class DeliveryView(APIView):
    @extend_schema(
        summary="A delivery", operation_id="delivery", responses=shapes.DeliveryDetailShape
    )
    def get(self, request: Request, pk: int) -> Response:
        """What it says, and every try."""
        asked(request, Query)
        actor = caller_of(request)
        row = delivery_for(pk, user_id=actor.user_id, actor=actor)
        return Response(shapes.DeliveryDetailShape(row).data)


class ResendView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Send again",
        operation_id="delivery_resend",
        request=None,
        responses={202: shapes.DeliveryShape},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Queue a delivery that ended once more: same message, same id. 409: still on its way."""
        asked(request, Query)
        actor = caller_of(request)
        row = resend(pk, user_id=actor.user_id, actor=actor, now=timezone.now())
        jobs.start(send_deliveries)
        return Response(shapes.DeliveryShape(row).data, status=status.HTTP_202_ACCEPTED)
