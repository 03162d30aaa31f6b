"""Buttons of the lifecycle that appear only where they are allowed."""

from datetime import timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html

from lifecycle.rules.registry import RULES

register = template.Library()

SOON = timedelta(days=7)  # what runs longer than that needs no button yet


@register.filter
def rule_word(name: str) -> str:
    """What a rule is called; one that is no more by its name."""
    return RULES[name].word if name in RULES else name


@register.inclusion_tag("components/exemption_buttons.html", takes_context=True)
def exemption_buttons(context: template.Context, exemption: Any) -> dict[str, Any]:
    """The buttons a reader may press; reads ``allowed`` (id -> which)."""
    return {
        "exemption": exemption,
        "allowed": (context.get("allowed") or {}).get(exemption.pk, {}),
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag(takes_context=True)
def exemption_for(context: template.Context, deployment: Any) -> Any:
    """What keeps a deployment, None for nothing; reads ``exempt`` (id -> Exempt)."""
    return (context.get("exempt") or {}).get(deployment.pk)


@register.inclusion_tag("components/extend.html", takes_context=True)
def extend_button(
    context: template.Context, deployment: Any, *, finding: int | None = None
) -> dict[str, Any]:
    """A button that gives a deployment more time, nothing where that is not allowed.

    Reads ``extensions`` (deployment -> Allowance) and ``now``. With a finding it is a
    button of the form around it, else a form of its own.
    """
    found = (context.get("extensions") or {}).get(deployment.pk) if deployment else None
    is_soon = found is not None and deployment.expires_at <= context["now"] + SOON
    request = context.get("request")
    return {
        "allowance": found if is_soon else None,
        "deployment": deployment,
        "finding": finding,
        "next": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag(takes_context=True)
def drained_by(context: template.Context, version: Any) -> str:
    """The campaign that wants a version left, with its deadline; nothing where there is none.

    Reads ``campaigns`` (version -> Campaign).
    """
    found = (context.get("campaigns") or {}).get(version.pk) if version else None
    if found is None:
        return ""
    return format_html(
        ' <a class="nowrap" href="{}">campaign for {} ends {}</a>',
        reverse("campaign", args=[found.pk]),
        found,
        f"{found.deadline:%-d %b %Y}",
    )
