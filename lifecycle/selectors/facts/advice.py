"""Facts of what only is advised on: deprecations in use and the runtimes of what runs."""

from collections import defaultdict

import numpy as np

from lifecycle.rules.facts import DeprecationFacts, RuntimeFacts
from lifecycle.selectors.facts.scope import Scope, rows_of
from lineage.models import Deprecation, Version

STATED = ("id", "module_id", "range", "deprecated_at", "received_at", "sunset_at", "message",
          "replacement")  # fmt: skip


def deprecations_in(scope: Scope) -> list[DeprecationFacts]:
    """The deprecations of which a live deployment is or reaches some version."""
    view, graph = scope.view, scope.view.graph
    rows = list(
        Version.objects.filter(deprecation__isnull=False)
        .order_by()
        .values_list("id", "deprecation_id", "version")
    )
    in_use: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for node, (_, deprecation, text) in zip(
        view.node_of(pk for pk, _, _ in rows).tolist(), rows, strict=True
    ):
        if node >= 0 and view.is_live[node] and scope.is_wanted[graph.version_module[node]]:
            in_use[deprecation].append((node, text))
    found = []
    for row in rows_of(Deprecation.objects.order_by(), in_use, *STATED):
        pk, module_id, text, deprecated_at, received_at, dies_at, message, replacement = row
        versions, module = sorted(in_use[pk]), scope.modules[module_id]
        live = view.usage.version_live[[node for node, _ in versions]].max(axis=0).tolist()
        found.append(
            DeprecationFacts(
                id=pk,
                ecosystem=module.ecosystem,
                module_id=module.id,
                module=module.name,
                owner_id=module.owner_id,
                range=text,
                since=deprecated_at or received_at,
                dies_at=dies_at,
                message=message,
                replacement=replacement,
                versions=tuple(text for _, text in versions),
                live_prod=live[0],
                live_preprod=live[1],
            )
        )
    return found


def runtimes_in(scope: Scope) -> list[RuntimeFacts]:
    """The versions that run and state a runtime."""
    view, graph = scope.view, scope.view.graph
    runs = view.usage.version_own.sum(axis=1) > 0
    nodes = np.flatnonzero(runs & scope.is_wanted[graph.version_module])
    by_id = dict(zip(graph.version_ids[nodes].tolist(), nodes.tolist(), strict=True))
    stated = Version.objects.exclude(runtime={}).order_by()
    found = []
    for pk, text, runtime in rows_of(stated, by_id, "id", "version", "runtime"):
        node = by_id[pk]
        module = scope.module_at(int(graph.version_module[node]))
        prod, preprod = view.usage.version_own[node].tolist()
        found.append(
            RuntimeFacts(
                ecosystem=module.ecosystem,
                module_id=module.id,
                module=module.name,
                owner_id=module.owner_id,
                version_id=pk,
                version=text,
                rank=node,
                runtime=runtime if isinstance(runtime, dict) else {},
                live_prod=prod,
                live_preprod=preprod,
            )
        )
    return found
