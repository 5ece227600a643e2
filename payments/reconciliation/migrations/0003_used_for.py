"""What a booking of the bank proves, where it is no acquirer's batch."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """What a booking of the bank proves, where it is no acquirer's batch."""

    dependencies = [("reconciliation", "0002_steps_are_kept")]
    operations = [
        migrations.AddField(
            model_name="bankline",
            name="used_for",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The receipt it proves, where it is no acquirer's batch.",
                max_length=80,
                verbose_name="used for",
            ),
            preserve_default=False,
        ),
    ]
