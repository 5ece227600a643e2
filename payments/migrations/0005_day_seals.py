"""Day seals: what the books of a day hash to."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Day seals: what the books of a day hash to."""

    dependencies = [("payments", "0004_routing")]
    operations: list[migrations.operations.base.Operation] = []
