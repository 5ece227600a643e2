"""Which rows of a job keep failing is kept from run to run, for the job and for the operator."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, empty until something fails."""

    dependencies = [("linli_config", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="jobrun",
            name="troubles",
            field=models.JSONField(blank=True, default=dict, verbose_name="rows that fail"),
        )
    ]
