"""The day's work: routes, deliveries, counts and sheets."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("fulfilment", "0001_initial"),
        ("ordering", "0005_changes"),
    ]

    operations = []
