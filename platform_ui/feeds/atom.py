"""Entries as an Atom feed (RFC 4287), by Django's generator."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.utils.feedgenerator import Atom1Feed

from lifecycle.selectors.feeds import MOST, FeedEntry

CONTENT_TYPE = "application/atom+xml; charset=utf-8"


class SteadyFeed(Atom1Feed):
    """A feed that was updated when its newest entry was, so that the same is said the same."""

    def latest_post_date(self) -> datetime:
        changed: datetime = self.feed["changed_at"]
        return max((item["updateddate"] for item in self.items), default=changed)


def atom_of(
    entries: Sequence[FeedEntry],
    *,
    title: str,
    site: str,
    home: str,
    address: str,
    link: Callable[[FeedEntry], str],
    changed_at: datetime,
    is_simulated: bool,
) -> bytes:
    """The feed's document; ``site``, ``home`` and ``address`` are absolute, without any secret.

    An entry's id is made of the site and its key: it is the same in every feed and for
    everybody.
    """
    simulated = " Simulated data." if is_simulated else ""
    feed = SteadyFeed(
        clean(title),
        home,
        "",
        subtitle=f"The newest {MOST} at most.{simulated}",
        language="en",
        feed_url=address,
        feed_guid=_urn(address),
        author_name="Sundial",
        changed_at=changed_at,
    )
    for entry in entries:
        url = link(entry)
        feed.add_item(
            clean(entry.title),
            url,
            clean(entry.detail),
            unique_id=_urn(f"{site} {entry.key}"),
            pubdate=entry.at,
            updateddate=entry.at,
            categories=[entry.kind],
        )
    return feed.writeString("utf-8").encode()


def clean(text: str) -> str:
    """Text without what XML cannot hold, in one line."""
    return " ".join(
        "".join(m if m.isprintable() or m.isspace() else "\ufffd" for m in text).split()
    )


def _urn(text: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, text)}"
