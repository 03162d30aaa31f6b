from django.db import migrations
from django.utils import timezone

from lineage.services.rekey import Tables, rekey

GIVEN_A_SCHEME = ("pypi", "cargo", "maven", "golang", "gem", "nuget")
EXACT = "generic"  # an ecosystem that is matched exactly, as these were


def read_by_scheme(apps, schema_editor):
    """Order and resolve by the ecosystem's own rules what was matched exactly before."""
    _rekey(apps, {ecosystem: ecosystem for ecosystem in GIVEN_A_SCHEME})


def read_exactly(apps, schema_editor):
    """Back to exact matching. Spellings that were made one stay so."""
    _rekey(apps, dict.fromkeys(GIVEN_A_SCHEME, EXACT))


def _rekey(apps, read_as):
    tables = Tables(
        *(apps.get_model("lineage", name) for name in ("Module", "Version", "Requirement"))
    )
    changed = sum(rekey(tables, ecosystem, read_as=other) for ecosystem, other in read_as.items())
    if not changed:
        return
    now = timezone.now()
    Epoch = apps.get_model("lineage", "Epoch")
    epoch, _ = Epoch.objects.get_or_create(id=1)
    epoch.number += 1
    epoch.changed_at = now
    epoch.save()
    # Null modules: a snapshot starts from nothing.
    apps.get_model("lineage", "EpochChange").objects.update_or_create(
        number=epoch.number, defaults={"changed_at": now, "modules": None}
    )


class Migration(migrations.Migration):
    dependencies = [("lineage", "0007_what_events_say")]

    operations = [migrations.RunPython(read_by_scheme, read_exactly)]
