"""What a supplier is beyond its name: contact, licence, what it may see."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("mall_catalogue", "0002_fresh"),
    ]

    operations = []
