from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("lineage", "0003_epoch_changes")]

    operations = [
        migrations.AddIndex(
            model_name="deployment",
            index=models.Index(
                fields=["version", "profile", "environment", "ended_at"],
                name="deployment_by_version",
            ),
        ),
        # The index above serves what this one did.
        migrations.AlterField(
            model_name="deployment",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=deletion.PROTECT,
                related_name="deployments",
                to="lineage.version",
            ),
        ),
        migrations.AddIndex(
            model_name="version",
            index=models.Index(
                condition=models.Q(yanked_at__isnull=False),
                fields=["yanked_at"],
                name="version_yanked",
            ),
        ),
    ]
