from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lineage", "0005_full_inventories")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="chosen_cadence",
            field=models.PositiveBigIntegerField(help_text="seconds", null=True),
        ),
    ]
