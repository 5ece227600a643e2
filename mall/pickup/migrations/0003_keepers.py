"""Keepers of points: who keeps one when, and who helps there."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Keepers of points: who keeps one when, and who helps there."""

    dependencies = [("pickup", "0002_capacity")]
    operations: list[migrations.operations.base.Operation] = []
