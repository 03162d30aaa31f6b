"""Modules over the API: the list, one module and everything asked about it."""

import hashlib
import json
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.selectors.lines import module_lines
from lineage.exceptions import UnknownModule
from lineage.models import Module
from lineage.selectors.modules import (
    SORTS,
    ModuleFilter,
    module_list,
    module_named,
    module_summary,
)
from lineage.selectors.versions import VersionRow, version_facts, version_list, version_named
from platform_ui.api import lineage_shapes as shapes
from platform_ui.api.pages import PageQuery, Query, asked, page_of, page_response
from platform_ui.end_headers import end_headers


class ModuleQuery(PageQuery):
    q = serializers.CharField(default="", max_length=500, help_text="Words of the name, or a purl.")
    kind = serializers.ChoiceField(choices=["", *Module.Kind.values], default="")
    owner = serializers.CharField(default="", help_text="A team's name; - for the ownerless.")
    ecosystem = serializers.CharField(default="")
    purl = serializers.CharField(
        default="", max_length=2_048, help_text="The module, and the version it must have."
    )
    sort = serializers.ChoiceField(choices=SORTS, default="name")


class ModulesView(APIView):
    @extend_schema(
        summary="Modules",
        operation_id="modules",
        parameters=[ModuleQuery],
        responses=page_of(shapes.ModuleRowShape),
    )
    def get(self, request: Request) -> Response:
        """Every module with its counts."""
        values = asked(request, ModuleQuery)
        place = {"page": values.pop("page"), "size": values.pop("size")}
        part = module_list(ModuleFilter(**values), now=timezone.now(), **place)
        return page_response(request, part, shapes.ModuleRowShape)


class ModuleView(APIView):
    @extend_schema(
        summary="A module and its lines", responses=shapes.ModuleDetailShape, operation_id="module"
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Its head and its lines, newest first, with where each stands."""
        asked(request, Query)
        module, now = module_named(ecosystem, name), timezone.now()
        head = shapes.ModuleSummaryShape(module_summary(module, now=now)).data
        lines = shapes.MajorLineShape(module_lines(module, now=now), many=True).data
        return Response({**head, "lines": lines})


class PartView(APIView):
    """A part of a module.

    ``github.com/x/graph`` may be the graph of ``github.com/x`` or a module of that very
    name: it is the part wherever there is such a module, else the module.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.module = module_named(kwargs["ecosystem"], kwargs["name"])

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, UnknownModule) and self.request.method in ("GET", "HEAD"):
            _, _, name = self.request.path.partition(f"/modules/{exc.ecosystem}/")
            try:
                return ModuleView().get(self.request, exc.ecosystem, name.removesuffix("/"))
            except UnknownModule:
                pass  # the shorter name is the one that was asked for
            except ValidationError as error:
                exc = error
        return super().handle_exception(exc)


class VersionsQuery(PageQuery):
    line = serializers.CharField(default="", help_text="A line, such as 1.x or 1.4.x.")


class VersionsView(PartView):
    @extend_schema(
        summary="Versions of a module",
        operation_id="module_versions",
        parameters=[VersionsQuery],
        responses=page_of(shapes.VersionRowShape),
    )
    def get(self, request: Request, ecosystem: str, name: str) -> Response:
        """Versions, newest first, with their use."""
        values = asked(request, VersionsQuery)
        part = version_list(self.module, now=timezone.now(), **values)
        return page_response(request, part, shapes.VersionRowShape)


class VersionView(PartView):
    @extend_schema(
        summary="A version", responses=shapes.VersionShape, operation_id="module_version"
    )
    def get(self, request: Request, ecosystem: str, name: str, version: str) -> HttpResponse:
        """A version in full; Deprecation and Sunset headers say what is to come of it.

        The ETag lets a client ask again for nothing.
        """
        asked(request, Query)
        row = version_named(self.module, version)
        facts = version_facts([row], now=timezone.now())[0]
        response = Response(shapes.VersionShape(facts).data, headers=end_headers(row))
        response.headers["ETag"] = etag = _etag(facts, response.data)
        return get_conditional_response(request, etag, None, response) or response


def _etag(facts: VersionRow, data: dict[str, Any]) -> str:
    """Weak: what is in use is used now, at each asking, and is the same nevertheless."""
    stated = {**data, "last_used_at": None} if facts.live_prod + facts.live_preprod else data
    digest = hashlib.sha256(json.dumps(stated, default=str, sort_keys=True).encode()).hexdigest()
    return f'W/"{digest[:32]}"'
