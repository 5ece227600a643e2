"""How many boxes a point holds, and holidays of its own."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("pickup", "0001_initial"),
    ]

    operations = []
