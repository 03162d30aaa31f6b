"""How the answer to "can I remove it?" looks in JSON, over the API and from the command."""

from typing import Any

from rest_framework import serializers

from platform_ui.api.lineage_shapes import BlockerShape, ModuleRefShape, Shape, VersionText


class RemovalBlockerShape(BlockerShape):
    """Who stands in the way; a deployment with its place.

    Kinds: live_deployment; observed_use, where a profile states what the ranges do not
    resolve to; newer_not_deployed, where the consumer's newest version is free of it;
    only_satisfiable_by; newest; unvouched; waiting.
    """

    environment = serializers.CharField(help_text="Of a deployment, else empty.")
    region = serializers.CharField()


class CountShape(Shape):
    """A name and how many; the name is empty for nobody."""

    name = serializers.SerializerMethodField()
    count = serializers.SerializerMethodField()

    def get_name(self, pair: tuple[str, int]) -> str:
        return pair[0]

    def get_count(self, pair: tuple[str, int]) -> int:
        return pair[1]


class RemovalFactsShape(Shape):
    """What the verdict rests on; live deployments are distinct."""

    versions = serializers.SerializerMethodField(help_text="Neither sunset nor placeholders.")
    sunset_versions = serializers.IntegerField(source="sunset_count")
    newest = serializers.CharField()
    newest_published_at = serializers.DateTimeField(allow_null=True)
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    consumers = serializers.IntegerField(help_text="Modules that resolve into it.")
    held_by = serializers.IntegerField(help_text="Of them, those nothing else satisfies.")
    last_used_at = serializers.DateTimeField(allow_null=True)
    vouched_since = serializers.DateTimeField(allow_null=True)

    def get_versions(self, facts: Any) -> int:
        return len(facts.version_ids)


class MoveShape(Shape):
    """A range that resolves into the versions and would resolve elsewhere without them."""

    declared = serializers.CharField()
    now = VersionText()
    then = VersionText()
    consumers = serializers.IntegerField()
    live_prod = serializers.IntegerField(help_text="Of the consumers themselves.")
    live_preprod = serializers.IntegerField()


class MovesShape(Shape):
    """What moves elsewhere by itself: the first of ``total`` ranges, with distinct counts."""

    total = serializers.IntegerField()
    consumers = serializers.IntegerField()
    live_prod = serializers.IntegerField()
    live_preprod = serializers.IntegerField()
    ranges = MoveShape(many=True, source="rows")


class RangeChangeShape(Shape):
    """A module to require anew."""

    module = ModuleRefShape()
    declared = serializers.CharField(allow_null=True, help_text="Null: locked by an SBOM.")
    takes = serializers.CharField(help_text="The version the new range must take.")


class WayUpgradeShape(Shape):
    """One thing to do."""

    kind = serializers.ChoiceField(choices=["release", "deploy", "redeploy"])
    module = ModuleRefShape()
    version = serializers.CharField(help_text="What is released or deployed.")
    owner = serializers.CharField(help_text="Empty for nobody.")
    changes = RangeChangeShape(many=True)
    live = serializers.IntegerField(help_text="Live deployments that move.")


class WayShape(Shape):
    """The shortest list of upgrades that frees it: the first of ``total``, in order."""

    total = serializers.IntegerField()
    releases = serializers.IntegerField()
    deploys = serializers.IntegerField()
    is_shortest = serializers.BooleanField(help_text="Whether no fewer upgrades would do.")
    looked = serializers.IntegerField(help_text="Sets of upgrades tried.")
    waits_until = serializers.DateTimeField(
        allow_null=True, help_text="When the last recent publication no longer holds it."
    )
    upgrades = WayUpgradeShape(many=True)


class RemovalShape(Shape):
    """Whether a range can go, who stands in the way, and what would free it."""

    range = serializers.CharField(source="facts.line")
    verdict = serializers.ChoiceField(choices=["yes", "no", "not_yet"])
    sentence = serializers.CharField()
    state = serializers.CharField(source="line.state")
    reason = serializers.CharField(source="line.reason")
    since = serializers.DateTimeField(source="line.since", allow_null=True)
    free_at = serializers.DateTimeField(source="line.free_at", allow_null=True)
    facts = RemovalFactsShape()
    total_blockers = serializers.IntegerField()
    kinds = CountShape(many=True, source="named.kinds", help_text="All blockers by kind.")
    owners = CountShape(many=True, source="named.owners", help_text="All blockers by owner.")
    page = serializers.IntegerField(source="named.page")
    page_size = serializers.IntegerField(source="named.size")
    blockers = RemovalBlockerShape(many=True)
    moves = MovesShape()
    way = WayShape(allow_null=True, help_text="Null: nothing has to move, or too much to search.")
    epoch = serializers.IntegerField()
