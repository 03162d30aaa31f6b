import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0011_chain_what_was_recorded"),
        ("lineage", "0008_ecosystem_schemes"),
    ]

    operations = [
        migrations.CreateModel(
            name="UpgradeSnooze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("status", models.CharField(max_length=16)),
                ("reason", models.TextField()),
                ("until", models.DateTimeField()),
                ("made_by", models.CharField(max_length=256)),
                ("made_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, max_length=256)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lineage.module",
                    ),
                ),
                (
                    "dependency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lineage.module",
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("consumer", "dependency"),
                        name="upgrade_snooze_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("made_at"))),
                        name="upgrade_snooze_ends_after_start",
                    ),
                ],
            },
        ),
    ]
