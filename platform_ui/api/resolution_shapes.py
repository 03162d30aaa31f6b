"""How resolutions, chains and previews look in JSON."""

from rest_framework import serializers

from lineage.selectors.why import Hop
from platform_ui.api.lineage_shapes import ModuleRefShape, Shape, VersionText

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
