"""The rail: which pages there are, in which order, and links to named routes."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the rail; ``within`` names further routes that belong to it."""

    route: str
    word: str
    icon: str
    within: frozenset[str] = frozenset()
    is_for_operators: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the rail draws it."""

    url: str
    word: str
    icon: str
    is_current: bool


GROUPS: tuple[tuple[Entry, ...], ...] = (
    (
        Entry("overview", "Overview", "dial"),
        Entry(
            "modules", "Modules", "modules", frozenset({"module", "version", "naming", "changes"})
        ),
        Entry("deployments", "Deployments", "deployments"),
        Entry("upgrades", "Upgrades", "upgrades", frozenset({"upgrade_requests"})),
        Entry("findings", "Findings", "findings"),
        Entry(
            "sunsets",
            "Sunsets",
            "sunsets",
            frozenset(
                {
                    "sunset",
                    "campaigns",
                    "campaign",
                    "plan",
                    "sunset_calendar",
                    "reclaimed",
                    "executor_calls",
                }
            ),
        ),
        Entry("graph", "Graph", "graph", frozenset({"cycles"})),
    ),
    (
        Entry(
            "policies",
            "Policies",
            "policies",
            frozenset({"policy", "new_policy", "built_in_policy", "backtests", "backtest"}),
        ),
        Entry("exemptions", "Exemptions", "exemptions"),
        Entry(
            "sources",
            "Sources",
            "sources",
            frozenset({"source", "inventory", "ingest_runs", "ingest_run"}),
        ),
        Entry(
            "notices",
            "Notices",
            "notices",
            frozenset({"preferences", "webhooks", "webhook", "delivery"}),
        ),
        Entry("audit", "Audit", "audit", is_for_operators=True),
    ),
)


def route_url(route: str, *args: object) -> str:
    """The address of a named route, empty where this installation has no such page."""
    try:
        return reverse(route, args=args)
    except NoReverseMatch:
        return ""


def rail(current: str, *, is_operator: bool) -> list[list[Link]]:
    """The groups of links to pages that exist and open; the one around ``current`` is marked."""
    groups = []
    for entries in GROUPS:
        links = [
            Link(url, entry.word, entry.icon, current == entry.route or current in entry.within)
            for entry in entries
            if (is_operator or not entry.is_for_operators) and (url := route_url(entry.route))
        ]
        if links:
            groups.append(links)
    return groups
