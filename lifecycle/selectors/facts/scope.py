"""How much is read at a time: everything, or what some findings are about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import QuerySet

from lifecycle.policies.selection import Subject
from lineage.graph.line_facts import ModuleName
from lineage.ingest.known import batches
from lineage.models import Witness
from lineage.selectors.lines import module_names, vouched_since
from lineage.selectors.view import Array, View, current_view


@dataclass(frozen=True)
class Scope:
    """The instant and the limits of one reading; None limits nothing."""

    now: datetime
    module_ids: frozenset[int] | None = None
    deployment_ids: frozenset[int] | None = None

    @cached_property
    def view(self) -> View:
        return current_view(self.now)

    @cached_property
    def modules(self) -> dict[int, ModuleName]:
        """The modules in scope, by id."""
        if self.module_ids is None:
            return module_names()
        found: dict[int, ModuleName] = {}
        for batch in batches(sorted(self.module_ids)):
            found |= module_names(batch)
        return found

    @cached_property
    def vouched(self) -> dict[str, datetime]:
        """Ecosystem -> since when some source vouches for its deployments."""
        return vouched_since()

    @cached_property
    def is_wanted(self) -> Array:
        """Module index -> whether it is in scope."""
        return self._mask(list(self.modules))

    @cached_property
    def is_vouched(self) -> Array:
        """Module index -> whether it is in scope and some source vouches for its use."""
        vouched = self.vouched
        return self._mask([pk for pk, one in self.modules.items() if one.ecosystem in vouched])

    def _mask(self, module_ids: Collection[int]) -> Array:
        mask = np.zeros(len(self.view.graph.module_ids), dtype=bool)
        indexes = self.view.module_indexes(module_ids)
        mask[indexes[indexes >= 0]] = True
        return mask

    @cached_property
    def witnesses(self) -> dict[int, list[int]]:
        """Deployment -> the sources that report it beside the one its row names."""
        found: dict[int, list[int]] = defaultdict(list)
        columns = ("deployment_id", "source_id")
        rows = Witness.objects.order_by().values_list(*columns)
        if self.deployment_ids is None:
            queries = [rows]
        else:
            parts = batches(sorted(self.deployment_ids))
            queries = [rows.filter(deployment_id__in=part) for part in parts]
        for query in queries:
            for deployment_id, source_id in query.iterator(10_000):
                found[deployment_id].append(source_id)
        return found

    def module_at(self, index: int) -> ModuleName:
        """The module of an index of the graph that is in scope."""
        return self.modules[int(self.view.graph.module_ids[index])]

    def seconds_before(self, days: int) -> int:
        """The instant that many days ago, as the graph keeps instants."""
        return int((self.now - timedelta(days=days)).timestamp())


def subject_of(module: ModuleName) -> Subject:
    """A module as a policy sees it."""
    return Subject(module.ecosystem, module.name, module.owner_id)


def rows_of(query: "QuerySet[Any]", ids: Iterable[int], *columns: str) -> Iterator[Any]:
    """Columns of the rows with these ids, some thousand a query."""
    for batch in batches(sorted(ids)):
        yield from query.filter(id__in=batch).values_list(*columns).iterator(10_000)
