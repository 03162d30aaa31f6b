"""Every page's address on the small platform, by family."""

from lifecycle.models import Campaign, CampaignReading, Sunset
from lineage.models import IngestRun, Inventory, Module
from tests.factories.lifecycle import DAY, NOW, execute, finding, flagged_platform, take_in, version

# Pages that need nothing to be there.
ALWAYS = (
    "/",
    "/modules/",
    "/modules/naming/",
    "/deployments/",
    "/upgrades/",
    "/upgrades/requests/",
    "/findings/",
    "/exemptions/",
    "/sunsets/",
    "/sunsets/calendar/",
    "/campaigns/",
    "/campaigns/?state=all",
    "/sunsets/reclaimed/",
    "/graph/",
    "/changes/",
    "/cycles/",
    "/policies/",
    "/policies/new/",
    "/policies/new/?rule=runtime-end-of-life",
    "/policies/new/?rule=expired-deployment",
    "/policies/built-in/Unused ranges/",
    "/policies/backtests/",
    "/sources/",
    "/ingest/",
    "/notices/",
    "/notices/preferences/",
    "/webhooks/",
    "/account/",
    "/feeds/",
)
AUTH = "/modules/platform/auth/"
THINGS = (
    AUTH,
    f"{AUTH}?open=1.x",
    f"{AUTH}?tab=versions",
    f"{AUTH}?tab=versions&line=1.x",
    f"{AUTH}?tab=dependents",
    f"{AUTH}?tab=dependents&transitive=1",
    f"{AUTH}?tab=dependents&range=2.x&include=all",
    f"{AUTH}?tab=dependencies",
    f"{AUTH}?tab=dependencies&version=1.0.0",
    f"{AUTH}?tab=dependents&as_of=2024-08-01",
    f"{AUTH}?tab=dependents&transitive=1&as_of=2001-01-01",
    f"{AUTH}?tab=dependencies&as_of=2024-08-01",
    f"{AUTH}?tab=dependencies&version=1.0.0&as_of=2001-01-01",
    "/deployments/?as_of=2024-08-01",
    f"{AUTH}?tab=uptake",
    f"{AUTH}?tab=uptake&by=version&show=share&line=2.x",
    f"{AUTH}?tab=uptake&from=2024-01-01&to=2024-09-01&environment=prod",
    f"{AUTH}?tab=uptake&from=2024-01-01&to=2020-09-01",
    f"{AUTH}?tab=changes&from=2024-01-01",
    f"{AUTH}?tab=changes&from=2024-08-01&to=2001-01-01",
    "/changes/?from=2001-01-01&kind=deployments",
    f"{AUTH}?tab=graph&depth=2",
    f"{AUTH}?tab=removal&range=1.x",
    f"{AUTH}?tab=removal&range=2.0.x",
    f"{AUTH}?tab=removal&range=%3C2",
    f"{AUTH}?tab=dependents&takes_newest=no",
    f"{AUTH}?tab=why",
    "/feeds/?module=auth",
    "/feeds/?team=identity",
    f"{AUTH}?tab=preview",
    f"{AUTH}?tab=preview&version=2.1.0&needs=json%20%5E1",
    f"{AUTH}?tab=why&from=platform/tv-home",
    "/modules/platform/tv-home/?tab=dependencies",
    "/modules/npm/%40scope/pkg/",
    "/modules/platform/auth/versions/1.0.0/",
    "/modules/platform/tv-home/versions/1.0.0/",
    "/modules/npm/%40scope/pkg/versions/1.0.0/",
    "/graph/?module=auth",
    "/graph/?q=tv",
    "/cycles/?level=versions&module=auth",
    "/modules/?sort=-blast",
    "/upgrades/?module=tv-home",
    "/upgrades/?owner=*&status=current",
    "/upgrades/?owner=*&moves=by_itself",
    "/upgrades/?owner=*&snoozed=only",
    "/deployments/?state=expired",
    "/findings/?state=all",
    "/findings/?rule=far-behind&frozen=no&exempt=yes&actionable=no",
    "/exemptions/?standing=over&module=auth&line=1.x",
    "/sunsets/?state=done",
    "/sunsets/calendar/?month=2024-09",
    "/sunsets/calendar/?month=0000-99",
    "/sunsets/calendar/?month=9999-12",
    "/sunsets/calendar/?month=0001-01",
    "/deployments/?expires_on=2024-04-11",
    "/notices/?kind=findings&unread=1",
    "/sources/pipeline/",
)


def busy_platform() -> list[str]:
    """A platform with one of everything; the addresses of what has a number."""
    flagged_platform()
    summary = take_in(
        version("@scope/pkg", "1.0.0", ecosystem="npm"),
        {"type": "version", "module": "", "version": "1.0.0"},
    )
    execute("tv-home/preview", now=NOW + DAY)
    blind = take_in({"type": "inventory"})
    auth = Module.objects.get(name="auth", ecosystem="platform")
    campaign = Campaign.objects.create(
        module=auth, line="2.x", reason="to show", deadline=NOW, started_by="ana", started_at=NOW
    )
    CampaignReading.objects.create(campaign=campaign, at=NOW, consumers=1, deployments=1)
    return [
        f"/sunsets/plan/?findings={finding('auth 1.x').pk}",
        f"/sunsets/{Sunset.objects.get().pk}/",
        f"/ingest/{IngestRun.objects.get(pk=summary.run).pk}/",
        f"/inventories/{Inventory.objects.get(run_id=blind.run).pk}/",
        f"/campaigns/{campaign.pk}/",
    ]
