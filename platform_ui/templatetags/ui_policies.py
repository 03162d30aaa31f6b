"""Policies in words: what one does, selects, and under which terms things go."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lifecycle.policies.precedence import Effect
from lifecycle.policies.selection import Selection
from lifecycle.policies.settings import settings_of
from lifecycle.policies.terms import WEEK, Terms, Window
from platform_ui.formats import duration
from platform_ui.states import Look

register = template.Library()

EFFECTS = {
    Effect.KEEP: ("live", "Keeps"),
    Effect.ASK: ("held", "Asks"),
    Effect.AUTOMATIC: ("dying", "Automatic"),
}
SHORT = 20
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@register.inclusion_tag("components/state.html")
def effect(value: str) -> dict[str, Any]:
    """What a policy does, as mark and word."""
    mark, word = EFFECTS[Effect(value)]
    return {"look": Look(mark, word), "word": word, "note": "", "quiet": False}


@register.simple_tag
def selection(chosen: Selection, owner: str = "") -> SafeString:
    """What a policy is for, in words."""
    parts = [
        chosen.module_pattern,
        chosen.ecosystem,
        owner and f"of {owner}",
        chosen.tier,
        chosen.environment and f"in {chosen.environment}",
        chosen.region,
    ]
    said = ", ".join(part for part in parts if part)
    if said:
        return format_html('<span class="{}">{}</span>', "wrap" if len(said) > SHORT else "", said)
    return format_html('<span class="quiet">{}</span>', "everything")


@register.simple_tag
def settings_words(settings: Any) -> SafeString:
    """A rule's settings in words, one after the other."""
    parts = []
    for one in settings_of(type(settings)):
        value = getattr(settings, one.name)
        if one.kind == "table":
            parts.append(f"{one.word}: {', '.join(sorted(value)) or 'none'}")
        else:
            parts.append(f"{value:,} {one.word}")
    css = "" if parts else "faint"
    return format_html('<span class="{}">{}</span>', css, "; ".join(parts) or "–")


@register.filter
def terms_words(terms: Terms) -> str:
    """Under which terms things go, in words."""
    parts = [f"after {duration(terms.grace)} of grace" if terms.grace else "without grace"]
    if terms.window != Window():
        parts.append(_window(terms.window))
    parts.append(f"restorable {duration(terms.restorable_for)}")
    if terms.executor != "record":
        parts.append(f"by {terms.executor}")
    return ", ".join(parts)


@register.filter
def field_word(name: str) -> str:
    """A field's name as it is read."""
    return name.removeprefix("setting_").removesuffix("_id").replace("_", " ").capitalize()


def _window(window: Window) -> str:
    days = "" if window.weekdays == WEEK else " ".join(DAYS[day] for day in window.weekdays) + " "
    return f"{days}{window.opens:%H:%M}–{window.closes:%H:%M} {window.zone}"
