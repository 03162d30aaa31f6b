"""The policy editor's form: a draft as fields, with what is wrong with each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lifecycle.executors import executor_names
from lifecycle.policies.precedence import Effect
from lifecycle.policies.settings import settings_of
from lifecycle.policies.validation import PolicyDraft
from lifecycle.rules.base import Rule
from lifecycle.rules.registry import RULES
from lineage.models import Environment, Module, Team
from lineage.selectors.paging import MAX_SIZE

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EFFECTS = {
    Effect.ASK: "Ask: flag it, somebody decides",
    Effect.AUTOMATIC: "Automatic: announce it, sunset it after grace",
    Effect.KEEP: "Keep: never flag it",
}
NUMBERS = {
    "grace_days": ("Grace", "days between the notice and the sunset"),
    "ownerless_wait_days": ("Wait without owner", "days that what nobody owns waits at least"),
    "restorable_days": ("Restorable for", "days in which it can be taken back"),
    "batch_size": ("At a time", "things in one batch"),
    "daily_cap": ("A day at most", "things; 0 is no cap"),
}
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One control; ``kind`` is text, number, lines, time, select, radio, boxes or check."""

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    help: str = ""
    options: Sequence[Option] = ()
    errors: Sequence[str] = ()

    @property
    def id(self) -> str:
        return f"policy-{self.name}"


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """A draft as it stands in the form, with what is wrong with it by field."""

    draft: PolicyDraft
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reason: str = ""

    @property
    def rule(self) -> Rule:
        return RULES[self.draft.rule]

    def with_errors(self, errors: Mapping[str, Sequence[str]]) -> "PolicyForm":
        """The same form with more that is wrong."""
        return replace(self, errors={**self.errors, **errors})

    def basics(self) -> list[Field]:
        """Its name and what it does."""
        draft = self.draft
        allowed = [
            (effect.value, words)
            for effect, words in EFFECTS.items()
            if self.rule.is_actionable or effect is not Effect.AUTOMATIC
        ]
        return [
            self._field("name", "Name", value=draft.name),
            self._field("description", "What it is for", "lines", draft.description),
            self._field("effect", "Effect", "radio", draft.effect, options=allowed),
            self._field("is_enabled", "It is on", "check", draft.is_enabled),
        ]

    def selection(self) -> list[Field]:
        """What it is for; empty fields select everything."""
        draft = self.draft
        teams = [(str(pk), name) for pk, name in Team.objects.values_list("id", "name")]
        systems = Module.objects.order_by("ecosystem").values_list("ecosystem", flat=True)
        everything: Option = ("", "all")
        fields = [
            self._field(
                "module_pattern", "Modules", value=draft.module_pattern,
                help="a name; * is any letters, ? is one",
            ),
            self._field(
                "owner", "Owner", "select", str(draft.owner_id or ""), options=[everything, *teams]
            ),
            self._field(
                "ecosystem", "Ecosystem", "select", draft.ecosystem,
                options=[everything, *((name, name) for name in systems.distinct())],
            ),
        ]  # fmt: skip
        if not self.rule.has_place:
            return fields
        places = Environment.objects.values_list("name", flat=True)
        return [
            *fields,
            self._field(
                "tier", "Tier", "select", draft.tier,
                options=[everything, ("preprod", "preproduction"), ("prod", "production")],
            ),
            self._field(
                "environment", "Environment", "select", draft.environment,
                options=[everything, *((name, name) for name in places[:MAX_SIZE])],
            ),
            self._field("region", "Region", value=draft.region),
        ]  # fmt: skip

    def settings(self) -> list[Field]:
        """The rule's own settings."""
        stated = self.draft.settings if isinstance(self.draft.settings, Mapping) else {}
        found = []
        for one in settings_of(self.rule.settings):
            value = stated.get(one.name, one.default)
            is_table = one.kind == "table"
            if is_table and not isinstance(value, str):
                value = json.dumps(value, indent=1)
            found.append(
                self._field(
                    f"setting_{one.name}",
                    one.word[:1].upper() + one.word[1:],
                    "lines" if is_table else "number",
                    json.dumps(value, indent=1)
                    if is_table and not isinstance(value, str)
                    else value,
                    errors=self._of_setting(one.name),
                )
            )
        return found

    def terms(self) -> list[Field]:
        """How what it flags goes; nothing for a rule that only advises."""
        if not self.rule.is_actionable:
            return []
        window = self.draft.window if isinstance(self.draft.window, Mapping) else {}
        numbers = [
            self._field(name, label, "number", getattr(self.draft, name), help=help)
            for name, (label, help) in NUMBERS.items()
        ]
        days = [str(day) for day in window.get("weekdays", range(7))]
        executors = [(name, name) for name in executor_names()]
        return [
            *numbers,
            self._field(
                "weekdays", "On", "boxes", days,
                options=[(str(number), day) for number, day in enumerate(DAYS)],
                errors=self.errors.get("window", ()),
            ),
            self._field("opens", "From", "time", window.get("opens", "")),
            self._field("closes", "Until", "time", window.get("closes", "")),
            self._field("zone", "Time zone", value=window.get("zone", "UTC")),
            self._field(
                "executor", "Carried out by", "select", self.draft.executor, options=executors
            ),
        ]  # fmt: skip

    def other_errors(self) -> list[str]:
        """What is wrong with fields the form does not show."""
        shown = {one.name for one in (*self.basics(), *self.selection(), *self.terms())}
        shown |= {"settings", "window", *(one.name for one in self.settings())}
        return [words for name, some in self.errors.items() if name not in shown for words in some]

    def _field(
        self,
        name: str,
        label: str,
        kind: str = "text",
        value: Any = "",
        *,
        help: str = "",
        options: Sequence[Option] = (),
        errors: Sequence[str] | None = None,
    ) -> Field:
        wrong = self.errors.get(name, ()) if errors is None else errors
        return Field(name, label, kind, value, help, options, wrong)

    def _of_setting(self, name: str) -> list[str]:
        """Of what is wrong with the settings, what names this one."""
        typed = list(self.errors.get(f"setting_{name}", ()))
        start = f"{name} "
        told = self.errors.get("settings", ())
        return [*typed, *(one.removeprefix(start) for one in told if one.startswith(start))]
