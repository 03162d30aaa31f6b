"""The parts of audit entries."""

from typing import Any

from django import template

from lifecycle.models import AuditEntry
from platform_ui.facts import changes_of, facts_of

register = template.Library()


@register.inclusion_tag("components/entry.html")
def entry_details(entry: AuditEntry) -> dict[str, Any]:
    """What an entry changed, and behind a summary the evidence it rests on."""
    return {
        "entry": entry,
        "changes": changes_of(entry.before, entry.after),
        "facts": facts_of(entry.evidence),
    }
