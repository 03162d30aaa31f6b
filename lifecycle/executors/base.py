"""What carries a sunset out, and takes it back."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class Executor(Protocol):
    """Carries out exactly the items given; both calls run under the graph lock."""

    @property
    def name(self) -> str: ...

    def sunset(
        self, *, version_ids: Collection[int], deployment_ids: Collection[int], at: datetime
    ) -> None: ...

    def restore(
        self, *, version_ids: Collection[int], deployment_ids: Collection[int], at: datetime
    ) -> None: ...
