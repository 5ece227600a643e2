"""Telephones that may work without a connection."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Telephones that may work without a connection."""

    dependencies = [("groupleader", "0007_people")]
    operations: list[migrations.operations.base.Operation] = []
