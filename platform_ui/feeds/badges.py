"""Badges as SVG: two words that can stand in a README."""

from django.template.loader import render_to_string

from lifecycle.selectors.badges import Badge

CONTENT_TYPE = "image/svg+xml; charset=utf-8"
MOST = 60  # characters of one half
# White text on each reads at 4.5:1 or better.
COLOURS = {
    "good": "#1f7a3d",
    "behind": "#2b66b1",
    "warn": "#9a5b00",
    "bad": "#b3261e",
    "unknown": "#5b6675",
}
NARROW, WIDE = frozenset("fijlrtI1.,:;|!'()[] "), frozenset("mwMWÆŒ@%—")


def svg_of(badge: Badge, *, is_simulated: bool) -> bytes:
    """The badge, as wide as its words; they are escaped and cut where they are too long."""
    shown = Badge(_short(badge.label), _short(badge.words), badge.state)
    first, second = _width(shown.label) + 12, _width(shown.words) + 12
    context = {
        "badge": shown,
        "colour": COLOURS[badge.state],
        "first": first,
        "second": second,
        "width": first + second,
        "is_simulated": is_simulated,
    }
    return render_to_string("feeds/badge.svg", context).encode()


def _short(text: str) -> str:
    clean = "".join(mark if mark.isprintable() else "\ufffd" for mark in text)
    return clean if len(clean) <= MOST else f"{clean[: MOST - 1]}…"


def _width(text: str) -> int:
    """Pixels the text takes at 11 px; the picture states it, so that every font fits."""
    return sum(4 if mark in NARROW else 11 if mark in WIDE else 7 for mark in text)
