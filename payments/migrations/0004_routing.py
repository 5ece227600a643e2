"""Several acquirer accounts: who takes which payment, and who is out of order."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Several acquirer accounts: who takes which payment, and who is out of order."""

    dependencies = [("payments", "0003_splits")]
    operations: list[migrations.operations.base.Operation] = []
