"""What versions answer over the API: resolution, chains, previews."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lineage.purls import read_purl
from lineage.selectors.ends import end_named
from lineage.selectors.modules import module_named
from lineage.selectors.past import past_at
from lineage.selectors.preview import preview_of
from lineage.selectors.preview_needs import Need
from lineage.selectors.resolution import Strategy, Wanted, modules_named, resolution_of
from lineage.selectors.why import MOST_SHOWN, SHOWN, why
from platform_ui.accounts.scopes import READ
from platform_ui.api import resolution_shapes as shapes
from platform_ui.api.pages import AsOfField, Query, asked

MOST_RESOLVED = 200


class WantedShape(serializers.Serializer[Any]):
    """A range of a module, which goes by ecosystem and name or by its purl."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(max_length=256, required=False)
    purl = serializers.CharField(max_length=2_048, required=False)
    range = serializers.CharField(max_length=1024, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("module" in attrs) == ("purl" in attrs):
            raise serializers.ValidationError({"module": ["Give this or a purl."]})
        if "purl" in attrs:
            named = read_purl(attrs["purl"])
            attrs["ecosystem"], attrs["module"] = named.ecosystem, named.module
        return attrs


class ResolveShape(serializers.Serializer[Any]):
    """The ranges to resolve."""

    requirements = serializers.ListField(
        child=WantedShape(), max_length=MOST_RESOLVED, allow_empty=False
    )
    strategy = serializers.ChoiceField(
        choices=[strategy.value for strategy in Strategy], default=Strategy.NEWEST.value
    )
    as_of = AsOfField()


class ResolveView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="Resolve ranges",
        operation_id="resolve",
        request=ResolveShape,
        responses=shapes.ResolutionsShape,
    )
    def post(self, request: Request) -> Response:
        """What satisfies each range now, or as of then, and all it leads to, or why nothing does.

        A conflict is an answer, not an error: `satisfiable` is false and `sentences` say why.
        """
        asked(request, Query)
        body = ResolveShape(data=request.data)
        body.is_valid(raise_exception=True)
        rows = body.validated_data["requirements"]
        modules = modules_named([(one["ecosystem"], one["module"]) for one in rows])
        wanted = [Wanted(modules[one["ecosystem"], one["module"]], one["range"]) for one in rows]
        strategy = Strategy(body.validated_data["strategy"])
        now = timezone.now()
        at = past_at(body.validated_data.get("as_of"), now)
        found = resolution_of(wanted, strategy=strategy, now=now, as_of=at)
        return Response(shapes.ResolutionsShape(found).data)


END = "ecosystem/name, ecosystem/name@version, or a package URL."


class ExplainQuery(Query):
    to = serializers.CharField(max_length=1_000, help_text=END)
    limit = serializers.IntegerField(
        min_value=1, max_value=MOST_SHOWN, default=SHOWN, help_text="Chains to show."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        start = serializers.CharField(max_length=1_000, help_text=END)
        return {"from": start, **super().get_fields()}


class ExplainView(APIView):
    @extend_schema(
        summary="Why one reaches another",
        operation_id="explain",
        parameters=[ExplainQuery],
        responses=shapes.WhyShape,
    )
    def get(self, request: Request) -> Response:
        """The shortest chains with ranges and resolved versions, and how many there are in all."""
        values = asked(request, ExplainQuery)
        source, target = end_named(values["from"]), end_named(values["to"])
        found = why(source, target, now=timezone.now(), limit=values["limit"])
        return Response(shapes.WhyShape(found).data)


class DependencyShape(serializers.Serializer[Any]):
    """A dependency that the version would declare."""

    ecosystem = serializers.CharField(
        default="", max_length=32, help_text="That of the module unless said."
    )
    module = serializers.CharField(max_length=256)
    range = serializers.CharField(default="*", max_length=1024, allow_blank=True)
    scope = serializers.ChoiceField(
        choices=["runtime", "optional", "development"], default="runtime"
    )


class PublicationShape(serializers.Serializer[Any]):
    """A version that is not published yet."""

    ecosystem = serializers.CharField(default="platform", max_length=32)
    module = serializers.CharField(max_length=256)
    version = serializers.CharField(max_length=256)
    dependencies = serializers.ListField(
        child=DependencyShape(), default=list, max_length=MOST_RESOLVED
    )


class PublishPreviewView(APIView):
    required_scopes = {"POST": READ}

    @extend_schema(
        summary="What publishing a version would do",
        operation_id="publish_preview",
        request=PublicationShape,
        responses=shapes.PreviewShape,
    )
    def post(self, request: Request) -> Response:
        """Who would pick it up without doing anything, who stays behind, what it would break."""
        asked(request, Query)
        body = PublicationShape(data=request.data)
        body.is_valid(raise_exception=True)
        stated = body.validated_data
        module = module_named(stated["ecosystem"], stated["module"])
        needs = [
            Need(one["ecosystem"] or module.ecosystem, one["module"], one["range"], one["scope"])
            for one in stated["dependencies"]
        ]
        found = preview_of(module, stated["version"], needs, now=timezone.now())
        return Response(shapes.PreviewShape(found).data)
