"""What lifecycle has to ask about people and addresses, and where it asks.

People belong to the project above; it names its directory in ``PEOPLE_DIRECTORY``.
"""

from collections.abc import Collection
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Directory(Protocol):
    """Who there is, and where the pages that messages link to are found."""

    def members(self, team_ids: Collection[int]) -> dict[int, frozenset[int]]:
        """Team id -> ids of its active members."""
        ...

    def operators(self) -> frozenset[int]:
        """Ids of the active operators."""
        ...

    def emails(self, user_ids: Collection[int]) -> dict[int, str]:
        """User id -> address, of the active who have one."""
        ...

    def address(self, page: str, *args: object) -> str:
        """The full URL of the page ``site``, ``inbox``, ``preferences``, ``catalogue`` or
        ``unsubscribe``.
        """
        ...


@cache
def directory() -> Directory:
    """The directory of this installation."""
    found: Directory = import_string(settings.PEOPLE_DIRECTORY)()
    return found
