"""Routes of the pages. A module's name may hold slashes; its parts are chosen by ``tab``."""

from django.urls import URLPattern, path

from platform_ui.views import (
    audit,
    calendar,
    changes,
    cycles,
    deployments,
    findings,
    graph,
    ingest,
    modules,
    naming,
    notices,
    overview,
    sources,
    sunsets,
    upgrades,
)

urlpatterns: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("modules/", modules.modules, name="modules"),
    path("modules/naming/", naming.naming, name="naming"),
    # Names and versions may hold slashes, so a version's address comes before its module's.
    path(
        "modules/<str:ecosystem>/<path:name>/versions/<path:version>/",
        modules.version,
        name="version",
    ),
    path("modules/<str:ecosystem>/<path:name>/", modules.module, name="module"),
    path("deployments/", deployments.deployments, name="deployments"),
    path("upgrades/", upgrades.upgrades_page, name="upgrades"),
    path("graph/", graph.graph, name="graph"),
    path("changes/", changes.changes, name="changes"),
    path("cycles/", cycles.cycles, name="cycles"),
    path("findings/", findings.findings, name="findings"),
    path("findings/plan/", findings.choose, name="choose_findings"),
    path("sunsets/", sunsets.sunsets, name="sunsets"),
    path("sunsets/calendar/", calendar.sunset_calendar, name="sunset_calendar"),
    path("sunsets/reclaimed/", calendar.reclaimed_page, name="reclaimed"),
    path("sunsets/plan/", sunsets.plan, name="plan"),
    path("sunsets/<int:pk>/", sunsets.sunset, name="sunset"),
    path("sunsets/<int:pk>/restore/", sunsets.restore, name="restore_sunset"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<path:name>/", sources.source, name="source"),
    path("inventories/<int:pk>/", sources.inventory, name="inventory"),
    path("inventories/<int:pk>/decide/", sources.decide, name="decide_inventory"),
    path("ingest/", ingest.ingest_runs, name="ingest_runs"),
    path("ingest/<int:pk>/", ingest.ingest_run, name="ingest_run"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read, name="read_notices"),
    path("audit/", audit.audit, name="audit"),
]
