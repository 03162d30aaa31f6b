"""Say which executor a call is for, when it was last tried, and that it may be withdrawn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0004_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="executorcall",
            name="executor",
            field=models.CharField(
                default="", help_text="its name in the sunset's terms", max_length=140
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="executorcall",
            name="last_attempt_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="executorcall",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("sent", "Sent"),
                    ("acknowledged", "Acknowledged"),
                    ("given_up", "given up"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="pending",
                max_length=16,
            ),
        ),
    ]
