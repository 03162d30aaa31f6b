"""Rules and policies over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.policies.settings import settings_of
from lifecycle.rules.registry import RULES
from lifecycle.selectors.findings import finding_counts
from lifecycle.selectors.policies import defaults, policy_by_id, policy_page
from lifecycle.services.policies import create_policy, delete_policy, update_policy
from platform_ui.accounts.actors import caller_of
from platform_ui.accounts.scopes import ADMIN
from platform_ui.api import policy_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response, stated


class RulesView(APIView):
    @extend_schema(summary="Rules", operation_id="rules", responses=shapes.RuleShape(many=True))
    def get(self, request: Request) -> Response:
        """Every rule, what it is about and which settings a policy of it has."""
        asked(request, Query)
        counts = finding_counts()
        rows = [
            {
                "name": rule.name,
                "word": rule.word,
                "sentence": rule.sentence,
                "is_actionable": rule.is_actionable,
                "has_place": rule.has_place,
                "settings": settings_of(rule.settings),
                "open": counts[rule.name],
            }
            for rule in RULES.values()
        ]
        return Response(shapes.RuleShape(rows, many=True).data)


class PolicyQuery(PageQuery):
    rule = serializers.ChoiceField(choices=["", *RULES], default="")


POLICIES: dict[str, Any] = {"defaults": shapes.DefaultPolicyShape(many=True)}


class PoliciesView(APIView):
    required_scopes = {"POST": ADMIN}

    @extend_schema(
        summary="Policies",
        operation_id="policies",
        parameters=[PolicyQuery],
        responses=page_of(shapes.PolicyShape, **POLICIES),
    )
    def get(self, request: Request) -> Response:
        """The policies somebody made, and the built-in ones that hold where none selects."""
        values = asked(request, PolicyQuery)
        built_in = [p for p in defaults() if values["rule"] in ("", p.rule)]
        return page_response(
            request,
            policy_page(**values),
            shapes.PolicyShape,
            defaults=shapes.DefaultPolicyShape(built_in, many=True).data,
        )

    @extend_schema(
        summary="Make a policy",
        operation_id="policy_create",
        request=shapes.NewPolicyShape,
        responses={201: shapes.PolicyShape},
    )
    def post(self, request: Request) -> Response:
        """Make a policy; the next sweep judges by it. For operators."""
        values = stated(request, shapes.NewPolicyShape)
        row = create_policy(
            shapes.draft_from(values),
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
        )
        return Response(shapes.PolicyShape(row).data, status=status.HTTP_201_CREATED)


class DeleteQuery(Query):
    revision = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(default="", max_length=2_000)


class PolicyView(APIView):
    required_scopes = {"PUT": ADMIN, "DELETE": ADMIN}

    @extend_schema(summary="A policy", operation_id="policy", responses=shapes.PolicyShape)
    def get(self, request: Request, pk: int) -> Response:
        """One policy."""
        asked(request, Query)
        return Response(shapes.PolicyShape(policy_by_id(pk)).data)

    @extend_schema(
        summary="Change a policy",
        operation_id="policy_update",
        request=shapes.ChangePolicyShape,
        responses=shapes.PolicyShape,
    )
    def put(self, request: Request, pk: int) -> Response:
        """Replace a policy. For operators. 409: somebody changed it since that revision."""
        values = stated(request, shapes.ChangePolicyShape)
        row = update_policy(
            pk,
            shapes.draft_from(values),
            revision=values["revision"],
            actor=caller_of(request),
            reason=values["reason"],
            now=timezone.now(),
        )
        return Response(shapes.PolicyShape(row).data)

    @extend_schema(
        summary="Take a policy away",
        operation_id="policy_delete",
        parameters=[DeleteQuery],
        responses=shapes.DeletedShape,
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Take a policy away. For operators. 409: somebody changed it since that revision."""
        values = asked(request, DeleteQuery)
        delete_policy(pk, **values, actor=caller_of(request), now=timezone.now())
        return Response({"deleted": pk})
