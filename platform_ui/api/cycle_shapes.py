"""How cycles look in JSON."""

from rest_framework import serializers

from platform_ui.api.lineage_shapes import ModuleRefShape, Shape, VersionText


class CycleMemberShape(Shape):
    """A module, or one of its versions; live deployments that reach it are distinct."""

    module = ModuleRefShape()
    version = VersionText()
    live = serializers.IntegerField()


class CycleStepShape(Shape):
    """A consumer's requirement on a provider, and what it resolves to."""

    consumer = ModuleRefShape(source="consumer.module")
    version = serializers.CharField(source="consumer.version")
    declared = serializers.CharField(allow_null=True, help_text="Null: locked by an SBOM.")
    provider = ModuleRefShape()
    resolved = VersionText()


class CycleShape(Shape):
    """What depends on each other. ``size`` counts all members, ``members`` are the first."""

    size = serializers.IntegerField()
    members = CycleMemberShape(many=True)
    owners = serializers.ListField(child=serializers.CharField())
    ownerless = serializers.IntegerField(help_text="Modules of it that have no owner.")
    way = CycleStepShape(many=True, help_text="A shortest way round.")
