"""What a module's page answers when asked: why something reaches it, what a new version does."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from lineage.exceptions import LineageError
from lineage.selectors.ends import End, end_named
from lineage.selectors.modules import ModuleSummary
from lineage.selectors.preview import preview_of
from lineage.selectors.preview_needs import Need
from lineage.selectors.versions import version_named
from lineage.selectors.why import MOST_SHOWN, SHOWN, why
from lineage.versioning import VersioningError
from platform_ui.params import number_of, text_of

MOST_NEEDS = 200
MOST_TEXT = 20_000
NAME, RANGE, SCOPE = 256, 1024, ("runtime", "optional", "development")


def why_context(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    """The chains from whatever ``from`` names to the module, or to its ``version``."""
    params = request.GET
    start, number = text_of(params, "from").strip(), text_of(params, "version").strip()
    limit = min(max(number_of(params, "limit", SHOWN), 1), MOST_SHOWN)
    context: dict[str, Any] = {"from": start, "version": number, "found": None, "error": ""}
    if not start:
        return context
    try:
        version = version_named(summary.module, number) if number else None
        found = why(end_named(start), End(summary.module, version), now=timezone.now(), limit=limit)
    except LineageError as error:
        return {**context, "error": str(error)}
    more = min(MOST_SHOWN, found.shortest, len(found.shown) * 5)
    is_more = more > len(found.shown)
    return {**context, "found": found, "more": more if is_more else None}


def preview_context(request: HttpRequest, summary: ModuleSummary) -> dict[str, Any]:
    """What publishing ``version`` with the dependencies ``needs``, one a line, would do."""
    number = text_of(request.GET, "version").strip()
    text = request.GET.get("needs", "").replace("\x00", "")[:MOST_TEXT]
    context: dict[str, Any] = {"version": number, "needs": text, "found": None, "error": ""}
    if not number:
        return context
    try:
        needs = _needs(text, summary.module.ecosystem)
        found = preview_of(summary.module, number, needs, now=timezone.now())
    except (LineageError, VersioningError, UnreadableNeed) as error:
        return {**context, "error": str(error)}
    return {**context, "found": found}


class UnreadableNeed(ValueError):
    """A line that names no dependency."""


def _needs(text: str, ecosystem: str) -> list[Need]:
    """Lines of module, range and scope; the last two may be left out."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_NEEDS:
        raise UnreadableNeed(f"There are {len(lines):,} dependencies; {MOST_NEEDS} are the most.")
    needs = []
    for words in lines:
        scope = words.pop() if words[-1] in SCOPE and len(words) > 1 else SCOPE[0]
        range = " ".join(words[1:]) or "*"
        if len(words[0]) > NAME or len(range) > RANGE:
            raise UnreadableNeed(f"{words[0][:80]} is too long for a dependency.")
        needs.append(Need(ecosystem, words[0], range, scope))
    return needs
