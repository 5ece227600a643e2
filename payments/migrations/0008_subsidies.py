"""Which discounts a bank has paid for."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Which discounts a bank has paid for."""

    dependencies = [("payments", "0007_asked")]
    operations = []
