"""Notes on neighbours, and messages to a whole group."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Notes on neighbours, and messages to a whole group."""

    dependencies = [("groupleader", "0006_paying")]
    operations: list[migrations.operations.base.Operation] = []
