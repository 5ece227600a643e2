"""Tiers, case lots, minimums, schedules, assortments, chat sign-ups, waiting lists."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("groupbuy", "0001_initial"),
        ("pickup", "0002_capacity"),
    ]

    operations = []
