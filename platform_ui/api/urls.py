"""Every address of the API."""

from django.urls import URLPattern, URLResolver, include, path

from platform_ui.api import (
    audit,
    changes,
    check,
    consumers,
    cycles,
    environments,
    graph,
    ingest,
    lifecycle,
    module_parts,
    modules,
    naming,
    resolution,
    sources,
    upgrade_requests,
)
from platform_ui.api.schema import SchemaView

# Names and versions may hold slashes: the addresses below a module come before the module's own.
MODULE = "modules/<str:ecosystem>/<path:name>/"

v1: list[URLPattern] = [
    path("ingest/", ingest.IngestView.as_view()),
    path("ingest-runs/", ingest.IngestRunsView.as_view()),
    path("ingest-runs/<int:pk>/", ingest.IngestRunView.as_view()),
    path("ingest-runs/<int:pk>/issues/", ingest.IngestIssuesView.as_view()),
    path("sources/", sources.SourcesView.as_view()),
    path("sources/<path:name>/", sources.SourceView.as_view()),
    path("inventories/", sources.InventoriesView.as_view()),
    path("inventories/<int:pk>/", sources.InventoryView.as_view()),
    path("inventories/<int:pk>/unlisted/", sources.UnlistedView.as_view()),
    path("inventories/<int:pk>/accept/", sources.AcceptView.as_view()),
    path("inventories/<int:pk>/dismiss/", sources.DismissView.as_view()),
    path("naming-smells/", naming.NamingSmellsView.as_view()),
    path("environments/", environments.EnvironmentsView.as_view()),
    path("modules/", modules.ModulesView.as_view()),
    path(f"{MODULE}versions/", modules.VersionsView.as_view()),
    path(f"{MODULE}dependents/", module_parts.DependentsView.as_view()),
    path(f"{MODULE}dependencies/", module_parts.DependenciesView.as_view()),
    path(f"{MODULE}uptake/", module_parts.UptakeView.as_view()),
    path(f"{MODULE}diff/", changes.ModuleChangesView.as_view()),
    path(f"{MODULE}stragglers/", module_parts.StragglersView.as_view()),
    path(f"{MODULE}removal/", module_parts.RemovalView.as_view()),
    path(f"{MODULE}graph/", graph.GraphView.as_view(), name="api_module_graph"),
    path(f"{MODULE}versions/<path:version>/", modules.VersionView.as_view()),
    path(MODULE, modules.ModuleView.as_view()),
    path("cycles/", cycles.CyclesView.as_view()),
    path("resolve/", resolution.ResolveView.as_view()),
    path("explain/", resolution.ExplainView.as_view()),
    path("publish-preview/", resolution.PublishPreviewView.as_view()),
    path("check/", check.CheckView.as_view()),
    path("upgrades/", consumers.UpgradesView.as_view()),
    path("upgrades/path/", consumers.UpgradePathView.as_view()),
    path("upgrade-requests/", upgrade_requests.UpgradeRequestsView.as_view()),
    path("upgrade-requests/<int:pk>/", upgrade_requests.UpgradeRequestView.as_view()),
    path(
        "upgrade-requests/<int:pk>/acknowledge/",
        upgrade_requests.AcknowledgeUpgradeView.as_view(),
    ),
    path("upgrade-requests/<int:pk>/cancel/", upgrade_requests.CancelUpgradeView.as_view()),
    path("diff/", changes.ChangesView.as_view()),
    path("deployments/", consumers.DeploymentsView.as_view()),
    path("findings/", lifecycle.FindingsView.as_view()),
    path("findings/<int:pk>/", lifecycle.FindingView.as_view()),
    path("sunsets/", lifecycle.SunsetsView.as_view()),
    path("sunsets/plan/", lifecycle.PlanView.as_view()),
    path("sunsets/execute/", lifecycle.ExecuteView.as_view()),
    path("sunsets/<int:pk>/", lifecycle.SunsetView.as_view()),
    path("sunsets/<int:pk>/restore/", lifecycle.RestoreView.as_view()),
    path("notices/", lifecycle.NoticesView.as_view()),
    path("notices/read/", lifecycle.ReadNoticesView.as_view()),
    path("audit/", audit.AuditView.as_view()),
    path("audit/export.csv", audit.AuditCsvView.as_view()),
    path("audit/export.ndjson", audit.AuditNdjsonView.as_view()),
    path("audit/check/", audit.AuditCheckView.as_view()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api_schema"),
    path("v1/", include(v1)),
]
