"""Commission for keepers and for those who brought a leader in."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Commission for keepers and for those who brought a leader in."""

    dependencies = [("groupleader", "0003_becoming")]
    operations: list[migrations.operations.base.Operation] = []
