from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0015_rules_by_registry")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("findings", "flagged"),
                    ("announced", "to be sunset"),
                    ("sunset", "sunset"),
                    ("restored", "restored"),
                    ("cancelled", "will stay"),
                    ("deprecated", "deprecated"),
                    ("dying", "about to be sunset"),
                    ("published", "newer version"),
                    ("fix", "fix available"),
                    ("yanked", "yanked"),
                    ("blocking", "you block a sunset"),
                    ("expiring", "about to expire"),
                    ("quiet", "source gone quiet"),
                    ("uptake", "uptake"),
                    ("watched", "watched"),
                    ("extended", "given more time"),
                    ("campaign", "to be left"),
                    ("exemption", "exemption"),
                    ("asked", "upgrade asked for"),
                ],
                max_length=16,
            ),
        ),
    ]
