"""Naming smells over the API."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.selectors.naming import MEMBERS_SHOWN, smell_list
from platform_ui.api.lineage_shapes import ModuleRefShape, Shape
from platform_ui.api.pages import PageQuery, asked, page_of, page_response


class SmellMemberShape(Shape):
    """A module of a suggestion."""

    module = ModuleRefShape()
    line = serializers.CharField(help_text="What its name stands for; empty without a number.")


class NamingSmellShape(Shape):
    """Modules whose names look like versions of one."""

    ecosystem = serializers.CharField()
    stem = serializers.CharField(help_text="What the one module could be called.")
    sentence = serializers.CharField()
    total = serializers.IntegerField(help_text="How many modules are in it.")
    members = SmellMemberShape(many=True, help_text=f"The first {MEMBERS_SHOWN} of them.")


class SmellQuery(PageQuery):
    ecosystem = serializers.CharField(default="", max_length=32)


class NamingSmellsView(APIView):
    @extend_schema(
        summary="Versions in module names",
        operation_id="naming_smells",
        parameters=[SmellQuery],
        responses=page_of(NamingSmellShape),
    )
    def get(self, request: Request) -> Response:
        """Names that differ only by a version, by ecosystem and stem."""
        part = smell_list(now=timezone.now(), **asked(request, SmellQuery))
        return page_response(request, part, NamingSmellShape)
