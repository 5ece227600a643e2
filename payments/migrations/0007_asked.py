"""What an acquirer is expected to take off by itself."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """What an acquirer is expected to take off by itself."""

    dependencies = [("payments", "0006_cards")]
    operations = []
