"""How dry runs and backtests look in JSON, and how they are asked for."""

from typing import Any

from rest_framework import serializers

from lifecycle.models import Backtest, BacktestItem
from lifecycle.services.backtests import DAYS, MOST_DAYS
from platform_ui.api.lineage_shapes import Shape
from platform_ui.api.policy_shapes import PolicyDraftShape


class DryRunOfDraftShape(PolicyDraftShape):
    """A policy as it is stated, and the saved one whose place it takes."""

    policy = serializers.IntegerField(
        allow_null=True, default=None, min_value=1, help_text="Takes the place of this policy."
    )


class DryRunItemShape(Shape):
    """One thing that would be flagged."""

    subject = serializers.CharField(source="flag.subject")
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes fields off the class
    module_id = serializers.IntegerField(source="flag.module_id")
    line = serializers.CharField(source="flag.line")
    deployment_id = serializers.IntegerField(source="flag.deployment_id", allow_null=True)
    owner = serializers.CharField(help_text="A team's name, empty for nobody.")
    size = serializers.IntegerField(source="flag.size", help_text="How many things would go.")
    since = serializers.DateTimeField(source="flag.since")
    reason = serializers.CharField(source="flag.reason")
    is_new = serializers.BooleanField(help_text="No open finding says so yet.")
    is_exempt = serializers.BooleanField()
    is_frozen = serializers.BooleanField()
    goes_at = serializers.DateTimeField(
        allow_null=True, help_text="When it goes by itself at the earliest; null: it is asked."
    )


class OwnerShareShape(Shape):
    """How much of it an owner has."""

    owner = serializers.CharField()
    flagged = serializers.IntegerField()
    things = serializers.IntegerField()


class ClosedShape(Shape):
    """An open finding that would close."""

    id = serializers.IntegerField()
    subject = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # DRF takes fields off the class


class DryRunTotalsShape(Shape):
    """What a policy would do now, in figures."""

    rule = serializers.CharField(source="policy.rule")
    at = serializers.DateTimeField()
    flagged = serializers.IntegerField()
    things = serializers.IntegerField(help_text="Versions and deployments in all.")
    new = serializers.IntegerField()
    same = serializers.IntegerField()
    closed = serializers.IntegerField(source="closed_count")
    going = serializers.IntegerField(source="going_count", help_text="Without anybody asking.")
    first_goes_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.DictField(
        child=serializers.IntegerField(), help_text="What the rule flags, by deciding policy."
    )


class AskBacktestShape(serializers.Serializer[Any]):
    """Over how many days."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DAYS)


class AskAnyBacktestShape(AskBacktestShape):
    """Of all policies in force, or of a draft among them."""

    draft = DryRunOfDraftShape(allow_null=True, default=None)


class BacktestShape(serializers.ModelSerializer[Backtest]):
    """A replay; ``result`` is empty until it is done."""

    class Meta:
        model = Backtest
        fields = (
            "id", "policy", "name", "days", "state", "done", "total", "asked_by", "asked_at",
            "started_at", "finished_at", "epoch", "result", "error",
        )  # fmt: skip


class BacktestItemShape(serializers.ModelSerializer[BacktestItem]):
    """One thing that would have gone, and the first uses of it afterwards."""

    module = serializers.CharField(source="module.name")
    ecosystem = serializers.CharField(source="module.ecosystem")
    owner = serializers.CharField(source="owner.name", default="")

    class Meta:
        model = BacktestItem
        fields = (
            "rule", "policy_name", "is_automatic", "label", "ecosystem", "module", "owner",
            "deployment", "reason", "versions", "flagged_at", "gone_at", "ended_at",
            "deployment_days", "used_again_at", "used_again", "uses",
        )  # fmt: skip
