"""The BIN table, and when a person first tied a kind of card."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """The BIN table, and when a person first tied a kind of card."""

    dependencies = [("payments", "0005_day_seals")]
    operations = []
