"""Cycles over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.selectors.cycles import LEVELS, MOST_LISTED, MOST_MEMBERS, CycleFilter, cycle_list
from lineage.selectors.modules import module_named
from platform_ui.api.cycle_shapes import CycleShape
from platform_ui.api.pages import PageQuery, asked, page_of, page_response


class CyclesQuery(PageQuery):
    level = serializers.ChoiceField(
        choices=LEVELS,
        default="modules",
        help_text="modules: whose newest or running versions depend on each other. "
        "versions: that reach each other by what is resolved or locked.",
    )
    module = serializers.CharField(
        default="", help_text="Only those that this module is part of, the way round through it."
    )
    ecosystem = serializers.CharField(default="platform", help_text="Of the module.")


class CyclesView(APIView):
    @extend_schema(
        summary="Cycles",
        operation_id="cycles",
        parameters=[CyclesQuery],
        responses=page_of(CycleShape, epoch=serializers.IntegerField()),
        description="What depends on each other, the greatest cycle first, each with a shortest "
        f"way round. A row names its first {MOST_LISTED} members, and {MOST_MEMBERS:,} where a "
        "module is given; size is the true count.",
    )
    def get(self, request: Request) -> Response:
        """What depends on each other, with a shortest way round."""
        values = asked(request, CyclesQuery)
        name = values["module"]
        module = module_named(values["ecosystem"], name) if name else None
        filter = CycleFilter(level=values["level"], module=module)
        place = {"page": values["page"], "size": values["size"]}
        found = cycle_list(filter, now=timezone.now(), **place)
        return page_response(request, found, CycleShape, epoch=found.epoch)
