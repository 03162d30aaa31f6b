"""How upgrades look in JSON."""

from rest_framework import serializers

from platform_ui.api.lineage_shapes import (
    DeprecationShape,
    ModuleRefShape,
    OwnerField,
    Shape,
    VersionText,
)


class SnoozeShape(Shape):
    """That an upgrade was put aside for a while."""

    id = serializers.IntegerField()
    until = serializers.DateTimeField(help_text="Or until the upgrade gets more urgent.")
    reason = serializers.CharField()
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class SnoozedShape(SnoozeShape):
    """A snooze with what it puts aside."""

    consumer = ModuleRefShape()
    owner = OwnerField(source="consumer.owner")
    dependency = ModuleRefShape()
    status = serializers.CharField(help_text="How urgent the upgrade was.")


class UpgradeShape(Shape):
    """One dependency of one consumer version, and where it could go."""

    consumer = ModuleRefShape(source="consumer.module")
    version = serializers.CharField(source="consumer.version")
    owner = OwnerField(source="consumer.module.owner")
    dependency = ModuleRefShape()
    declared = serializers.CharField()
    current = VersionText()
    newest = VersionText()
    status = serializers.CharField()
    deprecation = DeprecationShape(allow_null=True)
    needs_change = serializers.BooleanField()
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    runs = serializers.ListField(
        child=serializers.CharField(), help_text="Versions observed at run time, oldest first."
    )
    moves = serializers.CharField(
        help_text=(
            "must_act: a range has to change; by_itself: doing nothing, the next deployment "
            "takes current; nothing."
        )
    )
    distance = serializers.CharField(help_text="From what runs to the newest, as in 2 major.")
    days_behind = serializers.IntegerField(
        allow_null=True, help_text="Between the publications of what runs and the newest."
    )
    target = VersionText(help_text="The version to go to; null: there is none.")
    change = serializers.CharField(help_text="The range to declare instead; empty for none.")
    is_unsound = serializers.BooleanField(
        help_text="What runs was yanked, sunset or deprecated since."
    )
    snooze = SnoozeShape(allow_null=True, help_text="Who put it aside, until when and why.")


class PathStepShape(Shape):
    """One range change: the module by lets its range on the module on take a version."""

    by = ModuleRefShape()
    owner = serializers.CharField(help_text="Of by; empty for nobody.")
    on = ModuleRefShape()
    declared = serializers.CharField()
    takes = serializers.CharField()
    is_own = serializers.BooleanField(help_text="The consumer's own change.")
    chain = ModuleRefShape(many=True, help_text="From the consumer to whatever requires by.")


class UpgradePathShape(Shape):
    """The fewest range changes, those of others counting most."""

    consumer = ModuleRefShape(source="consumer.module")
    version = serializers.CharField(
        source="consumer.version", help_text="The newest, from which the steps start."
    )
    dependency = ModuleRefShape()
    newest = VersionText()
    state = serializers.ChoiceField(
        choices=["nothing", "own", "blocked", "unknown"],
        help_text="blocked: not before others change their ranges; unknown: too large to search.",
    )
    deploy = serializers.CharField(help_text="The version to deploy first; empty for none.")
    steps = PathStepShape(many=True)
    modules = serializers.IntegerField(help_text="Modules of the tree looked at.")
    total_modules = serializers.IntegerField()
    looked = serializers.IntegerField(help_text="Partial trees tried.")
    epoch = serializers.IntegerField()
