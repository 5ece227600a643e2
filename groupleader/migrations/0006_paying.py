"""Payouts in a bank's batch file, and by the acquirer's split."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Payouts in a bank's batch file, and by the acquirer's split."""

    dependencies = [("groupleader", "0005_settling")]
    operations: list[migrations.operations.base.Operation] = []
