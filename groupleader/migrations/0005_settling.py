"""Suppliers' statements, deductions, and talk about a statement."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Suppliers' statements, deductions, and talk about a statement."""

    dependencies = [("groupleader", "0004_commission")]
    operations: list[migrations.operations.base.Operation] = []
