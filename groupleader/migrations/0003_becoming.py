"""Applications, their audit, and what becomes of a leader."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Applications, their audit, and what becomes of a leader."""

    dependencies = [("groupleader", "0002_closed_statements")]
    operations: list[migrations.operations.base.Operation] = []
