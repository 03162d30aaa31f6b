import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lineage", "0004_indexes_for_snapshots"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deployment",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("reported", "Reported"),
                    ("replaced", "Replaced"),
                    ("unlisted", "Unlisted"),
                    ("sunset", "Sunset"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="deploymentmark",
            name="kind",
            field=models.CharField(
                choices=[
                    ("used", "Used"),
                    ("ended", "Ended"),
                    ("sunset", "Sunset"),
                    ("restored", "Restored"),
                    ("unlisted", "Unlisted"),
                    ("listed", "Listed"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Inventory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("environment", models.CharField(blank=True, max_length=128)),
                ("at", models.DateTimeField()),
                ("listed", models.PositiveBigIntegerField()),
                ("vouched", models.PositiveBigIntegerField()),
                ("missing", models.PositiveBigIntegerField()),
                ("ending", models.PositiveBigIntegerField()),
                ("ended", models.PositiveBigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("taken", "Taken"),
                            ("held", "Held"),
                            ("late", "Late"),
                            ("superseded", "Superseded"),
                            ("cleared", "Cleared"),
                            ("accepted", "Accepted"),
                            ("dismissed", "Dismissed"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("empty", "empty"),
                            ("incomplete", "incomplete"),
                            ("unreadable", "unreadable"),
                            ("everything", "everything"),
                            ("share", "share"),
                        ],
                        max_length=16,
                    ),
                ),
                ("held_since", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=256)),
                ("decision", models.TextField(blank=True)),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inventory",
                        to="lineage.ingestrun",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inventories",
                        to="lineage.source",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="UnlistedDeployment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="lineage.deployment",
                    ),
                ),
                (
                    "inventory",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unlisted",
                        to="lineage.inventory",
                    ),
                ),
            ],
            options={
                "ordering": ["inventory_id", "deployment_id"],
            },
        ),
        migrations.CreateModel(
            name="Witness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "deployment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="witnesses",
                        to="lineage.deployment",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="lineage.source",
                    ),
                ),
            ],
            options={
                "ordering": ["deployment_id", "source_id"],
            },
        ),
        migrations.AddIndex(
            model_name="inventory",
            index=models.Index(fields=["source", "-at", "-id"], name="inventory_of_source"),
        ),
        migrations.AddConstraint(
            model_name="inventory",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "held")),
                fields=("source", "environment"),
                name="inventory_one_hold",
            ),
        ),
        migrations.AddConstraint(
            model_name="unlisteddeployment",
            constraint=models.UniqueConstraint(
                fields=("inventory", "deployment"), name="unlisted_deployment_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="witness",
            constraint=models.UniqueConstraint(
                fields=("deployment", "source"), name="witness_unique"
            ),
        ),
    ]
