"""How facts look in JSON."""

from typing import Any

from rest_framework import serializers

from lineage.projection import STATES

REACH = "Other modules of which a newest or running version depends on it, at any remove."


class Shape(serializers.Serializer[Any]):
    """Read only: what the API answers."""


class PastShape(Shape):
    """What an answer about the past is of, and whether there was any data then."""

    at = serializers.DateTimeField()
    first_at = serializers.DateTimeField(allow_null=True, help_text="The earliest known instant.")
    is_before_data = serializers.BooleanField()


class ModuleRefShape(Shape):
    """A module by name."""

    ecosystem = serializers.CharField()
    name = serializers.CharField()
    purl = serializers.CharField()


class OwnerField(serializers.CharField):
    """A team by its name; null for nobody."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(value.name)


class ModuleShape(ModuleRefShape):
    """A module with its owner."""

    kind = serializers.CharField()
    owner = OwnerField()
    is_placeholder = serializers.BooleanField()
    scheme = serializers.CharField(
        source="scheme.name", help_text="How its versions are ordered and its ranges matched."
    )
    matches_ranges = serializers.BooleanField(
        source="scheme.matches_ranges", help_text="False: exact matching only."
    )


class VersionText(serializers.CharField):
    """A version row as its text; null for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        return str(value.version)


class ModuleRowShape(Shape):
    """A module of the list; live deployments and dependents are distinct."""

    module = ModuleShape()
    versions = serializers.IntegerField()
    newest = VersionText()
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    dependents = serializers.IntegerField()
    reach = serializers.IntegerField(help_text=REACH)


class LineShape(Shape):
    """A line and what was decided on it."""

    line = serializers.CharField(source="facts.line")
    level = serializers.CharField(source="facts.level")
    versions = serializers.SerializerMethodField()
    sunset_versions = serializers.IntegerField(source="facts.sunset_count")
    newest = serializers.CharField(source="facts.newest")
    live_prod = serializers.IntegerField(source="facts.live_prod")
    live_preprod = serializers.IntegerField(source="facts.live_preprod")
    consumers = serializers.IntegerField(source="facts.consumers")
    held_by = serializers.IntegerField(source="facts.held_by")
    last_used_at = serializers.DateTimeField(source="facts.last_used_at", allow_null=True)
    state = serializers.CharField(source="verdict.state")
    reason = serializers.CharField(source="verdict.reason")

    def get_versions(self, row: Any) -> int:
        return len(row.facts.version_ids)


class MajorLineShape(LineShape):
    """A major line with its minor lines."""

    minors = LineShape(many=True)


class ModuleSummaryShape(Shape):
    """A module's head, with its lines."""

    module = ModuleShape()
    versions = serializers.IntegerField()
    newest = VersionText()
    newest_major_share = serializers.FloatField(allow_null=True)
    consumers = serializers.IntegerField()
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    reach = serializers.IntegerField(help_text=REACH)
    cycle = serializers.IntegerField(
        help_text="How many modules the cycle has that it is part of, 0 if of none."
    )
    epoch = serializers.IntegerField()


class ModuleDetailShape(ModuleSummaryShape):
    """A module's head and its lines, newest first."""

    lines = MajorLineShape(many=True)


class DeprecationShape(Shape):
    """What a provider said about a range."""

    range = serializers.CharField()
    message = serializers.CharField()
    replacement = serializers.CharField()
    since = serializers.DateTimeField()
    sunset_at = serializers.DateTimeField(allow_null=True)


class VersionRowShape(Shape):
    """A version with its use; live deployments are distinct."""

    version = serializers.CharField(source="version.version")
    purl = serializers.CharField(source="version.purl")
    published_at = serializers.DateTimeField(source="version.published_at", allow_null=True)
    is_newest = serializers.BooleanField()
    is_placeholder = serializers.BooleanField(source="version.is_placeholder")
    deprecation = DeprecationShape(source="version.deprecation", allow_null=True)
    yanked_at = serializers.DateTimeField(source="version.yanked_at", allow_null=True)
    sunset_at = serializers.DateTimeField(source="version.sunset_at", allow_null=True)
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    own_live = serializers.IntegerField(help_text="Live deployments of that very version.")
    last_used_at = serializers.DateTimeField(allow_null=True)


class DependencyShape(Shape):
    """One declared or locked edge of a version."""

    module = ModuleRefShape()
    declared = serializers.CharField(allow_null=True, help_text="Null: locked by an SBOM.")
    scope = serializers.CharField()
    resolved = VersionText()
    newest = VersionText()


class VersionShape(VersionRowShape):
    """A version in full."""

    module = ModuleShape(source="version.module")
    digest = serializers.CharField(source="version.digest")
    runtime = serializers.JSONField(source="version.runtime")
    ttl = serializers.IntegerField(source="version.ttl", allow_null=True, help_text="Seconds.")
    scm_repo = serializers.CharField(source="version.scm_repo")
    scm_commit = serializers.CharField(source="version.scm_commit")
    yank_reason = serializers.CharField(source="version.yank_reason")
    metadata = serializers.JSONField(source="version.metadata")


class LiveShape(Shape):
    """Live deployments of a version in one place."""

    environment = serializers.CharField()
    tier = serializers.CharField()
    region = serializers.CharField()
    live = serializers.IntegerField()


class DependentShape(Shape):
    """A consumer version and what it declares on the module."""

    module = ModuleShape(source="consumer.module")
    version = serializers.CharField(source="consumer.version")
    declared = serializers.CharField(allow_null=True, help_text="Null: locked by an SBOM.")
    scope = serializers.CharField()
    resolved = VersionText()
    observed = serializers.ListField(child=serializers.CharField())
    relation = serializers.CharField(help_text="runs or holds")
    to_newest = serializers.CharField()
    takes_newest = serializers.BooleanField(help_text="Whether its range takes the newest.")
    live = LiveShape(many=True)
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()


class TransitiveDependentShape(Shape):
    """A module that reaches the one asked about."""

    module = ModuleShape()
    versions = serializers.IntegerField()
    newest = VersionText()
    hops = serializers.IntegerField()
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()


class ReachedVersionShape(Shape):
    """A version reached."""

    module = ModuleRefShape(source="version.module")
    version = serializers.CharField(source="version.version")
    hops = serializers.IntegerField()


class EnvironmentUptakeShape(Shape):
    """What takes each line in one environment on the last day."""

    environment = serializers.CharField()
    tier = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())


class ProjectionShape(Shape):
    """When the use of a line would end; the days are of a 95 % interval, null where far away."""

    state = serializers.ChoiceField(choices=STATES)
    zero_on = serializers.DateField(allow_null=True)
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)
    per_week = serializers.FloatField()


class UptakeShape(Shape):
    """Live deployments of direct consumers by the line or version they take, day by day."""

    days = serializers.ListField(child=serializers.DateField())
    lines = serializers.ListField(child=serializers.CharField())
    counts = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()))
    totals = serializers.ListField(
        child=serializers.IntegerField(), help_text="Each deployment counted once."
    )
    folded = serializers.IntegerField(help_text="How many versions stand behind others.")
    environments = EnvironmentUptakeShape(many=True)
    projections = serializers.DictField(child=ProjectionShape())
    epoch = serializers.IntegerField()


class BlockerShape(Shape):
    """A named thing that stands in the way."""

    kind = serializers.CharField()
    name = serializers.CharField()
    owner = serializers.CharField()
    detail = serializers.CharField()
    ecosystem = serializers.CharField(help_text="Of the version meant; empty where none is.")
    module = serializers.CharField()
    version = serializers.CharField()


class GraphNodeShape(Shape):
    """A module of the neighbourhood; consumers have negative columns."""

    module = ModuleRefShape()
    newest = VersionText()
    live = serializers.IntegerField()
    column = serializers.IntegerField()


class GraphEdgeShape(Shape):
    """One module declares another."""

    source = serializers.CharField(  # type: ignore[assignment] # DRF takes fields off the class
        source="source.module.purl"
    )
    target = serializers.CharField(source="target.module.purl")
    consumer = VersionText()
    declared = serializers.CharField(allow_null=True)
    resolved = VersionText()


class GraphShape(Shape):
    """The modules around one: ``shown`` of ``total``."""

    nodes = GraphNodeShape(many=True)
    edges = GraphEdgeShape(many=True)
    shown = serializers.IntegerField()
    total = serializers.IntegerField()
    totals = serializers.DictField(
        child=serializers.IntegerField(), help_text="Modules in each column, shown or not."
    )
    epoch = serializers.IntegerField()


class DeploymentShape(Shape):
    """A deployment."""

    id = serializers.CharField(source="key")
    module = ModuleRefShape(source="version.module")
    version = serializers.CharField(source="version.version")
    owner = OwnerField(source="version.module.owner")
    environment = serializers.CharField(source="environment.name")
    tier = serializers.CharField(source="environment.tier")
    region = serializers.CharField()
    route = serializers.CharField()
    deployed_by = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was first reported to be reachable."
    )
    requests = serializers.IntegerField()


class StragglerShape(DeploymentShape):
    """A deployment that still takes a line."""
