"""Names of teams and modules, plausible and never the same twice."""

from collections.abc import Iterator
from itertools import count, product

TEAMS = (
    "identity", "tv-apps", "search", "media", "billing", "growth", "playback", "edge", "ads",
    "kids", "payments", "messaging", "catalog", "studio", "insights", "partners", "mobile",
    "web", "devices", "gaming", "live", "content", "trust", "support", "locale", "images",
    "captions", "profiles", "signup", "offers", "ratings", "social", "events", "metrics",
    "routing", "storage", "security", "delivery", "layout", "experiments",
)  # fmt: skip
SUBJECTS = (
    "auth", "json", "http", "cache", "log", "date", "image", "locale", "session", "token",
    "retry", "metric", "trace", "config", "flag", "schema", "queue", "store", "route", "crypto",
    "text", "color", "layout", "stream", "audio", "video", "caption", "cookie", "profile", "price",
)  # fmt: skip
SORTS = ("core", "lite", "kit", "client", "tools")
PLACES = (
    "tv", "web", "ios", "android", "kids", "partner", "guest", "studio", "console", "car",
    "watch", "hotel", "press", "admin", "beta",
)  # fmt: skip
THINGS = (
    "home", "search", "login", "signup", "player", "detail", "billboard", "queue", "profile",
    "settings", "checkout", "offers", "reviews", "trailer", "preview", "onboarding", "receipt",
    "notices", "downloads", "history", "ratings", "recommend", "genre", "episodes", "captions",
    "devices", "payment", "refund", "gift", "survey", "help", "export", "feed", "badge", "banner",
    "quiz", "party", "share", "invite", "rewind", "skip", "resume", "latency", "health", "audit",
    "sitemap", "redirect", "consent", "region", "language", "tariff", "coupon", "login-link",
    "avatar", "theme", "layout", "sidebar", "footer", "ranking", "trending", "calendar", "live",
    "score", "replay", "highlights", "chat", "poll", "report", "block", "mute", "follow", "stats",
    "usage", "quota", "limits", "keys", "webhook", "mail", "sms", "push", "inbox",
)  # fmt: skip


def libraries() -> Iterator[str]:
    """Names of libraries without end."""
    yield from (f"{subject}-{sort}" for sort, subject in product(SORTS, SUBJECTS))
    for number in count(2):
        for sort, subject in product(SORTS, SUBJECTS):
            yield f"{subject}-{sort}-{_letters(number)}"


def scripts() -> Iterator[str]:
    """Names of scripts without end; a few carry a version, as the field's bad habit has it."""
    yield from ("endpoint-v2", "tv-home-v3", "ratings_1_3")
    for thing, place in product(THINGS, PLACES):
        yield f"{place}-{thing}"
    for number in count(2):
        for thing, place in product(THINGS, PLACES):
            yield f"{place}-{thing}-{_letters(number)}"


def teams(number: int) -> list[str]:
    """So many names of teams."""
    names = list(TEAMS[:number])
    for extra in range(number - len(names)):
        names.append(f"{TEAMS[extra % len(TEAMS)]}-{_letters(extra // len(TEAMS) + 2)}")
    return names


def _letters(number: int) -> str:
    """A number in letters, so that no name seems to hold a version."""
    digits = ""
    while number:
        number, rest = divmod(number - 1, 26)
        digits = chr(ord("a") + rest) + digits
    return digits
