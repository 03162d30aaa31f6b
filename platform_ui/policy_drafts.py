"""What was typed into the policy editor, as the draft of a policy."""

import json
from collections.abc import Iterator
from typing import Any

from django.http import QueryDict

from lifecycle.policies.precedence import Effect, RulePolicy
from lifecycle.policies.settings import settings_of, written
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.base import Rule
from platform_ui.policy_forms import NUMBERS, PolicyForm

LONGEST = 4_000


def form_of(params: QueryDict, rule: Rule) -> PolicyForm:
    """What was typed; a number that is none is wrong, and stands in the form as it was typed."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name in NUMBERS if rule.is_actionable else ():
        values[name] = _number(params.get(name, ""), name, errors)
    owner = params.get("owner", "")
    draft = PolicyDraft(
        name=_text(params, "name").strip(),
        rule=rule.name,
        description=_text(params, "description").strip(),
        effect=params.get("effect", Effect.ASK),
        is_enabled=bool(params.get("is_enabled")),
        ecosystem=_text(params, "ecosystem"),
        owner_id=int(owner) if owner.isascii() and owner.isdecimal() and len(owner) < 10 else None,
        module_pattern=_text(params, "module_pattern").strip(),
        environment=_text(params, "environment"),
        tier=_text(params, "tier"),
        region=_text(params, "region").strip(),
        settings=dict(_settings(params, rule, errors)),
        window=_window(params) if rule.is_actionable else {},
        executor=_text(params, "executor") or "record",
        **values,
    )
    return PolicyForm(draft, errors, _text(params, "reason"))


def draft_like(policy: RulePolicy, *, name: str = "") -> PolicyDraft:
    """A draft that does what a built-in policy does."""
    terms = policy.terms
    return PolicyDraft(
        name=name,
        rule=policy.rule,
        effect=policy.effect.value,
        tier=policy.selection.tier,
        settings=written(policy.settings),
        grace_days=terms.grace.days,
        ownerless_wait_days=terms.ownerless_wait.days,
        restorable_days=terms.restorable_for.days,
        batch_size=terms.batch_size,
        daily_cap=terms.daily_cap,
        executor=terms.executor,
    )


def _text(params: QueryDict, name: str) -> str:
    return params.get(name, "").replace("\x00", "")[:LONGEST]


def _number(text: str, name: str, errors: dict[str, list[str]]) -> Any:
    """The number typed; the text itself, noted as wrong, where it is none."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isdecimal() and len(stripped) < 10:
        return int(stripped)
    errors[name] = ["It must be a whole number."]
    return stripped


def _settings(
    params: QueryDict, rule: Rule, errors: dict[str, list[str]]
) -> Iterator[tuple[str, Any]]:
    for one in settings_of(rule.settings):
        text, name = _text(params, f"setting_{one.name}"), f"setting_{one.name}"
        if one.kind != "table":
            yield one.name, _number(text, name, errors)
            continue
        try:
            yield one.name, json.loads(text or "{}")
        except ValueError:
            errors[name] = ["It must be JSON."]
            yield one.name, text


def _window(params: QueryDict) -> dict[str, Any]:
    """The window typed; empty where it is always open."""
    stated: dict[str, Any] = {}
    days = [int(day) for day in params.getlist("weekdays") if day in "0123456"]
    if set(days) != set(range(7)):
        stated["weekdays"] = days
    for name in ("opens", "closes"):
        if params.get(name):
            stated[name] = _text(params, name)
    zone = _text(params, "zone").strip()
    if stated and zone:
        stated["zone"] = zone
    return stated
