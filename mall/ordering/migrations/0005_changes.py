"""Orders that are edited, moved, or placed on behalf of somebody."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0004_backs"),
        ("groupbuy", "0002_whole"),
    ]

    operations = []
