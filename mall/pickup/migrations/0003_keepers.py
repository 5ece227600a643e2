"""Keepers of points: who keeps one when, and who helps there."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keepers of points: who keeps one when, and who helps there."""

    dependencies = [
        ("pickup", "0002_capacity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PointHelper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("phone", models.CharField(max_length=20, verbose_name="phone number")),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="name")),
                ("invited_at", models.DateTimeField(verbose_name="invited at")),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="helps since")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="helpers",
                        to="pickup.pickuppoint",
                        verbose_name="pickup point",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="helps_at",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "helper at a pickup point",
                "verbose_name_plural": "helpers at pickup points",
                "ordering": ["point", "ended_at", "-invited_at"],
                "indexes": [
                    models.Index(fields=["user", "ended_at"], name="pickup_helper_of_user")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("point", "phone"),
                        name="pickup_helper_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since__isnull", True), ("user__isnull", False), _connector="OR"
                        ),
                        name="pickup_helper_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PointTenure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed over by",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="point_tenures",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="group leader",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenures",
                        to="pickup.pickuppoint",
                        verbose_name="pickup point",
                    ),
                ),
            ],
            options={
                "verbose_name": "tenure of a pickup point",
                "verbose_name_plural": "tenures of pickup points",
                "ordering": ["point", "-since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("point",),
                        name="pickup_tenure_one_keeper",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="pickup_tenure_in_order",
                    ),
                ],
            },
        ),
    ]
