"""Every discount of an order by source, line and funder."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Every discount of an order by source, line and funder."""

    dependencies = [("ordering", "0002_stock_guards")]
    operations = []
