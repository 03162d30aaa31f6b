"""How resolutions, chains and previews look in JSON."""

from rest_framework import serializers

from lineage.selectors.why import Hop
from platform_ui.api.lineage_shapes import ModuleRefShape, OwnerField, Shape, VersionText

NO_CAP = "Null where the search met its limit."


class NamedShape(Shape):
    """A module by name."""

    ecosystem = serializers.SerializerMethodField()
    name = serializers.SerializerMethodField()

    def get_ecosystem(self, pair: tuple[str, str]) -> str:
        return pair[0]

    def get_name(self, pair: tuple[str, str]) -> str:
        return pair[1]


class CandidateShape(Shape):
    """A version with its module."""

    module = NamedShape()
    version = serializers.CharField(source="text")


class ClauseShape(Shape):
    """Who needs which range of what; the consumer is null where the question itself asks."""

    consumer = CandidateShape(allow_null=True)
    module = NamedShape(source="need.module")
    range = serializers.CharField(source="need.range.text")


class TakenShape(Shape):
    """A version taken, by which chain, and what keeps it from the newest."""

    module = NamedShape(source="candidate.module")
    version = serializers.CharField(source="candidate.text")
    newest = serializers.CharField(source="newest.text", allow_null=True, default=None)
    chain = ClauseShape(many=True, help_text="From the question to it, a clause a hop.")
    asked_by = ClauseShape(many=True)
    held_by = ClauseShape(
        many=True,
        help_text="Empty unless it is older than the newest: the clauses that refuse the "
        "newest, else the newest's own needs that the others do not meet.",
    )


class ResolutionShape(Shape):
    """What a range resolves to; null where nothing satisfies it."""

    module = ModuleRefShape()
    range = serializers.CharField()
    resolved = VersionText()


class ResolutionsShape(Shape):
    """Resolutions in the order asked, and all that they lead to."""

    strategy = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True, help_text="Null: now.")
    satisfiable = serializers.BooleanField(allow_null=True, help_text=NO_CAP)
    results = ResolutionShape(many=True)
    versions = TakenShape(many=True)
    sentences = serializers.ListField(child=serializers.CharField())
    clauses = ClauseShape(many=True, help_text="What cannot all hold; empty if satisfiable.")
    is_minimal = serializers.BooleanField(
        help_text="Whether no clause could be left out without the conflict going away."
    )
    epoch = serializers.IntegerField()


class EndShape(Shape):
    """A module, or one version of it."""

    module = ModuleRefShape()
    version = VersionText()


class HopShape(Shape):
    """One step: the consumer, what it declares, what that resolves to."""

    module = ModuleRefShape(source="consumer.module")
    version = serializers.CharField(source="consumer.version")
    declared = serializers.ListField(
        child=serializers.CharField(), help_text="Empty: locked by an SBOM."
    )
    locked_in = serializers.SerializerMethodField(help_text="The root whose SBOM states it.")
    dependency = ModuleRefShape(source="resolved.module")
    resolved = serializers.CharField(source="resolved.version")

    def get_locked_in(self, hop: Hop) -> str | None:
        return str(hop.locked_in) if hop.locked_in else None


class WhyShape(Shape):
    """The chains from one to another; ``shown`` holds the first of the shortest."""

    source = EndShape()  # type: ignore[assignment] # DRF takes fields off the class
    target = EndShape()
    hops = serializers.IntegerField(help_text="Of the shortest chains; 0 if there is none.")
    shortest = serializers.IntegerField(help_text="How many chains are that short, exactly.")
    total = serializers.IntegerField(help_text="How many chains there are at all, exactly.")
    is_exact = serializers.BooleanField(help_text="False where a count has over 4,000 digits.")
    stations = serializers.IntegerField(
        help_text="Sets of versions that depend on each other; each counts as one."
    )
    shown = serializers.ListField(child=HopShape(many=True))
    epoch = serializers.IntegerField()


class SettledShape(Shape):
    """One of its own dependencies, what it would resolve to, and what is wrong with that."""

    ecosystem = serializers.CharField(source="need.ecosystem")
    module = serializers.CharField(source="need.module")
    range = serializers.CharField(source="need.range")
    scope = serializers.CharField(source="need.scope")
    resolved = serializers.CharField(allow_null=True)
    problem = serializers.CharField(help_text="Empty if there is none.")


class PreviewConsumerShape(Shape):
    """A current consumer and where it stands."""

    module = ModuleRefShape(source="consumer.module")
    version = serializers.CharField(source="consumer.version")
    owner = OwnerField(source="consumer.module.owner")
    declared = serializers.CharField(allow_null=True, help_text="Null: locked by an SBOM.")
    today = VersionText()
    reason = serializers.CharField(help_text="Why it stays; empty where it moves.")
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()


class ShareShape(Shape):
    """Distinct live deployments that would run with it; nobody's team is empty."""

    name = serializers.CharField()
    tier = serializers.CharField()
    direct = serializers.IntegerField()
    reached = serializers.IntegerField()


class TreeConflictShape(Shape):
    """A consumer whose tree could not hold it."""

    version = serializers.CharField(source="name")
    sentences = serializers.ListField(child=serializers.CharField())


class CheckedShape(Shape):
    """Joint resolutions with it: of itself, and of ``checked`` of ``checkable`` consumers."""

    own = serializers.ListField(child=serializers.CharField())
    consumers = TreeConflictShape(many=True)
    checked = serializers.IntegerField()
    checkable = serializers.IntegerField()


class PreviewShape(Shape):
    """What publishing the version would do; nothing was changed."""

    module = ModuleRefShape()
    version = serializers.CharField()
    is_newest = serializers.BooleanField()
    takers = PreviewConsumerShape(many=True, help_text="Current consumers that would move to it.")
    total_takers = serializers.IntegerField()
    behind = PreviewConsumerShape(many=True)
    total_behind = serializers.IntegerField()
    direct_prod = serializers.IntegerField(source="live.direct_prod")
    direct_preprod = serializers.IntegerField(source="live.direct_preprod")
    reached_prod = serializers.IntegerField(
        source="live.reached_prod", help_text="Direct ones included."
    )
    reached_preprod = serializers.IntegerField(source="live.reached_preprod")
    observed = serializers.IntegerField(
        source="live.observed", help_text="Stay on what they were observed with."
    )
    environments = ShareShape(source="live.environments", many=True)
    teams = ShareShape(source="live.teams", many=True)
    dependencies = SettledShape(many=True)
    version_cycle = serializers.ListField(child=serializers.CharField())
    cycle_members = serializers.IntegerField(help_text="Versions in a cycle with it.")
    module_cycles = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField())
    )
    conflicts = CheckedShape(source="checked")
    epoch = serializers.IntegerField()
