"""How policies and rules look in JSON, and how a policy is stated."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from lifecycle.models import Policy
from lifecycle.policies.precedence import Effect
from lifecycle.policies.settings import written
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.registry import rule_choices
from lineage.models import Environment, Team
from platform_ui.api.lineage_shapes import OwnerField, Shape


class SettingShape(Shape):
    """One setting a rule has."""

    name = serializers.CharField()
    word = serializers.CharField(help_text="What it is, unit included.")
    kind = serializers.CharField(help_text="number, or table: name to release to its last day.")
    default = serializers.JSONField()
    least = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)


class RuleShape(Shape):
    """A rule, and what a policy of it may say."""

    name = serializers.CharField()
    word = serializers.CharField()
    sentence = serializers.CharField()
    is_actionable = serializers.BooleanField(help_text="Whether what it flags can be sunset.")
    has_place = serializers.BooleanField(
        help_text="Whether a policy may select environment, tier and region."
    )
    settings = SettingShape(many=True)
    open = serializers.IntegerField(help_text="Its open findings.")


class PolicyShape(serializers.ModelSerializer[Policy]):
    """A policy somebody made; empty selection fields select everything."""

    owner = OwnerField()

    class Meta:
        model = Policy
        fields = (
            "id", "name", "description", "rule", "effect", "is_enabled", "ecosystem", "owner",
            "module_pattern", "environment", "tier", "region", "settings", "grace_days",
            "ownerless_wait_days", "restorable_days", "window", "batch_size", "daily_cap",
            "executor", "created_by", "created_at", "updated_by", "updated_at", "revision",
        )  # fmt: skip


class DefaultPolicyShape(Shape):
    """A built-in policy: it holds where nobody made one that selects the thing."""

    name = serializers.CharField()
    rule = serializers.CharField()
    effect = serializers.CharField()
    tier = serializers.CharField(source="selection.tier")
    settings = serializers.SerializerMethodField()
    grace_days = serializers.IntegerField(source="terms.grace.days")
    ownerless_wait_days = serializers.IntegerField(source="terms.ownerless_wait.days")
    restorable_days = serializers.IntegerField(source="terms.restorable_for.days")

    def get_settings(self, policy: Any) -> dict[str, Any]:
        return written(policy.settings)


class PolicyDraftShape(serializers.Serializer[Any]):
    """A policy as it is stated. The rule's own checks follow: what is wrong is told by field."""

    name = serializers.CharField(max_length=128)
    description = serializers.CharField(max_length=2_000, allow_blank=True, default="")
    rule = serializers.ChoiceField(choices=rule_choices())
    effect = serializers.ChoiceField(choices=Policy.Effect.choices, default=Effect.ASK.value)
    is_enabled = serializers.BooleanField(default=True)
    ecosystem = serializers.CharField(max_length=32, allow_blank=True, default="")
    owner = serializers.CharField(
        max_length=128, allow_blank=True, default="", help_text="A team's name."
    )
    module_pattern = serializers.CharField(
        max_length=512, allow_blank=True, default="", help_text="A name with * and ?."
    )
    environment = serializers.CharField(max_length=128, allow_blank=True, default="")
    tier = serializers.ChoiceField(choices=Environment.Tier.choices, allow_blank=True, default="")
    region = serializers.CharField(max_length=64, allow_blank=True, default="")
    settings = serializers.JSONField(default=dict)
    grace_days = serializers.IntegerField(default=0)
    ownerless_wait_days = serializers.IntegerField(default=7)
    restorable_days = serializers.IntegerField(default=30)
    window = serializers.JSONField(
        default=dict, help_text="weekdays (0 is Monday), opens, closes, zone; empty: always."
    )
    batch_size = serializers.IntegerField(default=500)
    daily_cap = serializers.IntegerField(default=5_000, help_text="Items a day; 0: no cap.")
    executor = serializers.CharField(max_length=64, default="record")


class ChangePolicyShape(PolicyDraftShape):
    """The policy whole, at the revision it was read at."""

    revision = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class NewPolicyShape(PolicyDraftShape):
    """A new policy, and why."""

    reason = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class DeletedShape(Shape):
    """What was taken away."""

    deleted = serializers.IntegerField()


def draft_from(values: dict[str, Any]) -> PolicyDraft:
    """The draft a checked body states; raises ValidationError where no team has the name."""
    names = PolicyDraft.__slots__
    fields = {name: values[name] for name in names if name != "owner_id"}
    if not values["owner"]:
        return PolicyDraft(**fields)
    owner = Team.objects.filter(name=values["owner"]).first()
    if owner is None:
        raise ValidationError({"owner": ["There is no such team."]})
    return PolicyDraft(**fields, owner_id=owner.pk)
