from django.db import migrations, models


class Migration(migrations.Migration):
    # Findings that stand get their size at the next sweep.
    dependencies = [("lifecycle", "0001_lifecycle_judgements")]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="size",
            field=models.PositiveIntegerField(default=1, help_text="how many things would go"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(closed_at__isnull=True),
                fields=["rule", "-size", "since", "id"],
                name="finding_open_by_size",
            ),
        ),
    ]
