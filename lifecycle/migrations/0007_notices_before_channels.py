from django.db import migrations
from django.db.models import F


def mark(apps, schema_editor):
    """What was written before there were channels stays in the inbox and goes nowhere else."""
    notices = apps.get_model("lifecycle", "Notice").objects
    notices.filter(fanned_out_at=None).update(fanned_out_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0006_events_subscriptions_deliveries")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
