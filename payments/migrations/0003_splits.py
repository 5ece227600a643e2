"""Splits, and what refunds and transfers learned."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Splits, and what refunds and transfers learned."""

    dependencies = [("payments", "0002_ledger_guards")]
    operations: list[migrations.operations.base.Operation] = []
