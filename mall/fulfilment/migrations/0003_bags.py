"""Weights, collections in part, and what happens to bags nobody collects."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("fulfilment", "0002_day"),
    ]

    operations = []
