"""What consumers ask over the API: upgrades, deployments."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.upgrades import SNOOZED, seen_upgrades
from lineage.models import Environment, Team
from lineage.selectors.deployments import (
    SORTS,
    STATES,
    DeploymentFilter,
    deployment_list,
    live_deployment,
)
from lineage.selectors.modules import module_named, module_summary
from lineage.selectors.past import past_at
from lineage.selectors.upgrade_paths import path_of
from lineage.selectors.upgrades import MOVES, STATUSES, UpgradeFilter
from lineage.selectors.versions import version_named
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api import upgrade_shapes
from platform_ui.api.pages import AsOfField, PageQuery, Query, asked, page_of, page_response


class UpgradeQuery(PageQuery):
    module = serializers.CharField(default="", help_text="One consumer, by name.")
    ecosystem = serializers.CharField(default="", help_text="Of the module; platform unless said.")
    owner = serializers.CharField(default="", help_text="The consumers of one team.")
    q = serializers.CharField(default="", help_text="Part of a consumer's or dependency's name.")
    deployment = serializers.CharField(
        default="", max_length=512, help_text="One live deployment, by its id."
    )
    status = serializers.ChoiceField(choices=["", *STATUSES], default="")
    moves = serializers.ChoiceField(
        choices=["", *MOVES],
        default="",
        help_text="must_act: a range has to change; by_itself: the next deployment takes it.",
    )

    snoozed = serializers.ChoiceField(
        choices=SNOOZED, default=SNOOZED[0], help_text="What to do with rows that are snoozed."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ecosystem"] and not attrs["module"]:
            raise serializers.ValidationError({"ecosystem": ["Name the module too."]})
        return attrs


class UpgradesView(APIView):
    @extend_schema(
        summary="Upgrades",
        operation_id="upgrades",
        parameters=[UpgradeQuery],
        responses=page_of(
            upgrade_shapes.UpgradeShape,
            **{name: serializers.IntegerField() for name in MOVES},
            snoozed=serializers.IntegerField(help_text="Rows that are snoozed, shown or not."),
        ),
    )
    def get(self, request: Request) -> Response:
        """What consumers run and what they could or must move to, most urgent first."""
        values = asked(request, UpgradeQuery)
        module = team = None
        if values["module"]:
            module = module_named(values["ecosystem"] or "platform", values["module"])
        if values["owner"]:
            team = Team.objects.filter(name=values["owner"]).first()
            if team is None:
                raise NotFound(f"There is no team {values['owner']}.")
        statuses = (values["status"],) if values["status"] else STATUSES
        filter = UpgradeFilter(
            module=module,
            deployment=live_deployment(values["deployment"]) if values["deployment"] else None,
            owners=[team.pk] if team else None,
            q=values["q"],
            statuses=statuses,
            moves=(values["moves"],) if values["moves"] else MOVES,
        )
        place = {"page": values["page"], "size": values["size"]}
        part = seen_upgrades(filter, now=timezone.now(), snoozed=values["snoozed"], **place)
        totals = {**part.moving, "snoozed": part.aside}
        return page_response(request, part, upgrade_shapes.UpgradeShape, **totals)


class UpgradePathQuery(Query):
    module = serializers.CharField(help_text="The consumer, by name.")
    ecosystem = serializers.CharField(default="platform", help_text="Of the consumer.")
    version = serializers.CharField(default="", help_text="The newest version unless said.")
    dependency = serializers.CharField(help_text="The dependency, by name.")
    dependency_ecosystem = serializers.CharField(default="", help_text="As the consumer's.")


class UpgradePathView(APIView):
    @extend_schema(
        summary="How to reach the newest of a dependency",
        operation_id="upgrade_path",
        parameters=[UpgradePathQuery],
        responses=upgrade_shapes.UpgradePathShape,
    )
    def get(self, request: Request) -> Response:
        """The fewest range changes after which the whole tree takes it, and who must move first."""
        values = asked(request, UpgradePathQuery)
        now = timezone.now()
        module = module_named(values["ecosystem"], values["module"])
        ecosystem = values["dependency_ecosystem"] or values["ecosystem"]
        dependency = module_named(ecosystem, values["dependency"])
        consumer = (
            version_named(module, values["version"])
            if values["version"]
            else module_summary(module, now=now).newest
        )
        if consumer is None:
            raise NotFound(f"{module.name} has no version yet.")
        found = path_of(consumer, dependency, now=now)
        return Response(upgrade_shapes.UpgradePathShape(found).data)


class DeploymentQuery(PageQuery):
    q = serializers.CharField(default="", max_length=500)
    ecosystem = serializers.CharField(default="")
    module = serializers.CharField(default="")
    version = serializers.CharField(default="")
    environment = serializers.CharField(default="")
    tier = serializers.ChoiceField(choices=["", *Environment.Tier.values], default="")
    state = serializers.ChoiceField(choices=STATES, default="live")
    owner = serializers.CharField(default="")
    as_of = AsOfField(
        help_text="What was live at this instant, or at the end of this day; outranks state."
    )
    expires_on = serializers.DateField(
        default=None, help_text="Only what expires on this day, in UTC."
    )
    sort = serializers.ChoiceField(choices=list(SORTS), default="-started")


class DeploymentsView(APIView):
    @extend_schema(
        summary="Deployments",
        operation_id="deployments",
        parameters=[DeploymentQuery],
        responses=page_of(shapes.DeploymentShape),
    )
    def get(self, request: Request) -> Response:
        """What runs or ran where."""
        values, now = asked(request, DeploymentQuery), timezone.now()
        place = {"page": values.pop("page"), "size": values.pop("size")}
        values["as_of"] = past_at(values.get("as_of"), now)
        part = deployment_list(DeploymentFilter(**values), now=now, **place)
        return page_response(request, part, shapes.DeploymentShape)
