"""Orders that are edited, moved, or placed on behalf of somebody."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ordering", "0004_backs"),
        ("groupbuy", "0002_whole"),
    ]

    operations = [
        migrations.AddField(
            model_name="linefulfilment",
            name="piece_grams",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="estimated weight of a piece (grams)"
            ),
        ),
    ]
