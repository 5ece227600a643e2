"""What fresh goods need: price and cost history, batches, favourites."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("mall_catalogue", "0001_initial"),
    ]

    operations = []
