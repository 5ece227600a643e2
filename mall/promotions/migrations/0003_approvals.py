"""Launches and budgets proposed by one person and approved by another."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    """Launches and budgets proposed by one person and approved by another."""

    dependencies = [("promotions", "0002_rules")]
    operations = []
