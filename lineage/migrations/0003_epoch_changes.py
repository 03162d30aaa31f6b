from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lineage", "0002_version_tree_hash")]

    operations = [
        migrations.CreateModel(
            name="EpochChange",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("changed_at", models.DateTimeField()),
                ("modules", models.JSONField(null=True)),
            ],
            options={"ordering": ["number"]},
        ),
    ]
