"""How people hear, and what they watch, over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.exceptions import UnknownThing
from lifecycle.permissions import Actor
from lifecycle.selectors.hearing import (
    preference_list,
    subscription_list,
)
from lifecycle.services.preferences import Wish, forget_preference, prefer, prefer_for_team
from lifecycle.services.subscriptions import end_subscription, subscribe
from lineage.models import Team
from lineage.selectors.modules import module_named
from lineage.selectors.paging import Slice
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import READ
from platform_ui.api import hearing_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise UnknownThing("person")
    return actor.user_id


def team_named(name: str | None) -> Team | None:
    """The team, None for none; raises UnknownThing."""
    if name is None:
        return None
    team = Team.objects.filter(name=name).first()
    if team is None:
        raise UnknownThing("team")
    return team


class PreferencesView(APIView):
    # What one wants to hear is one's own to say, like reading.
    required_scopes = {"PUT": READ}

    @extend_schema(
        summary="Preferences",
        operation_id="preferences",
        parameters=[PageQuery],
        responses=page_of(shapes.PreferenceShape),
    )
    def get(self, request: Request) -> Response:
        """What one and one's teams chose. What is not listed is a daily digest by mail."""
        values = asked(request, PageQuery)
        rows = preference_list(caller_of(request))
        page, size = values["page"], values["size"]
        part = Slice(rows[(page - 1) * size : page * size], len(rows), page, size)
        return page_response(request, part, shapes.PreferenceShape)

    @extend_schema(
        summary="Choose how to hear",
        operation_id="preference_choose",
        request=shapes.WishShape,
        responses=shapes.PreferenceShape,
    )
    def put(self, request: Request) -> Response:
        """Keep a wish for one channel; for a team its members may, with scope ``lifecycle``."""
        values = stated(request, shapes.WishShape)
        team = team_named(values.pop("team", None))
        actor = caller_of(request)
        if team is None:
            kept = prefer(_person(actor), Wish(**values))
        else:
            kept = prefer_for_team(team, Wish(**values), actor=actor, now=timezone.now())
        return Response(shapes.PreferenceShape(kept).data)


class PreferenceView(APIView):
    required_scopes = {"DELETE": READ}

    @extend_schema(
        summary="Go back to the default", operation_id="preference_forget", responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Forget a wish of one's own, or of one's team with scope ``lifecycle``."""
        asked(request, Query)
        actor = caller_of(request)
        forget_preference(pk, user_id=_person(actor), actor=actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SubscriptionsView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Subscriptions",
        operation_id="subscriptions",
        parameters=[PageQuery],
        responses=page_of(shapes.SubscriptionShape),
    )
    def get(self, request: Request) -> Response:
        """What one watches and mutes, newest first."""
        values = asked(request, PageQuery)
        part = subscription_list(_person(caller_of(request)), **values)
        return page_response(request, part, shapes.SubscriptionShape)

    @extend_schema(
        summary="Watch or mute",
        operation_id="subscription_make",
        request=shapes.WatchShape,
        responses={201: shapes.SubscriptionShape},
    )
    def post(self, request: Request) -> Response:
        """Watch, or mute, what matches all that is named. Said twice it stands once."""
        values = stated(request, shapes.WatchShape)
        ecosystem, module = values.pop("ecosystem"), values.pop("module", None)
        row = subscribe(
            _person(caller_of(request)),
            now=timezone.now(),
            module=module_named(ecosystem, module) if module else None,
            team=team_named(values.pop("team", None)),
            **values,
        )
        return Response(shapes.SubscriptionShape(row).data, status=status.HTTP_201_CREATED)


class SubscriptionView(APIView):
    required_scopes = {"DELETE": READ}

    @extend_schema(
        summary="End a subscription", operation_id="subscription_end", responses={204: None}
    )
    def delete(self, request: Request, pk: int) -> Response:
        """End one of one's own."""
        asked(request, Query)
        end_subscription(_person(caller_of(request)), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
