"""What an acquirer is expected to take off by itself."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """What an acquirer is expected to take off by itself."""

    dependencies = [("payments", "0006_cards")]
    operations = [
        migrations.AddField(
            model_name="tender",
            name="is_expected",
            field=models.BooleanField(
                default=False,
                help_text="We ask the whole amount and expect the acquirer to take this part off"
                " it.",
                verbose_name="the acquirer takes it off",
            ),
        ),
    ]
