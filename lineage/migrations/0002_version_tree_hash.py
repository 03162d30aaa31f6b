from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lineage", "0001_lineage_facts")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="tree_hash",
            field=models.CharField(blank=True, default="", max_length=32),
            preserve_default=False,
        ),
    ]
