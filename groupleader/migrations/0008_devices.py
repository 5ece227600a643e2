"""Telephones that may work without a connection."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Telephones that may work without a connection."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("groupleader", "0007_people"),
    ]
    operations = [
        migrations.CreateModel(
            name="DeviceKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ref",
                    models.CharField(
                        editable=False, max_length=32, unique=True, verbose_name="number"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="telephone")),
                ("public_key", models.TextField(editable=False, verbose_name="public key")),
                (
                    "last_seq",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="acts taken"
                    ),
                ),
                (
                    "refused",
                    models.PositiveIntegerField(
                        default=0, editable=False, verbose_name="acts refused"
                    ),
                ),
                ("session_key", models.CharField(blank=True, editable=False, max_length=40)),
                ("created_at", models.DateTimeField(verbose_name="known since")),
                ("seen_at", models.DateTimeField(verbose_name="last seen")),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="taken off the list at"
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_devices_revoked",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken off by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_devices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "telephone at a counter",
                "verbose_name_plural": "telephones at counters",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="DeviceAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act_id", models.CharField(max_length=36, unique=True, verbose_name="wish")),
                ("seq", models.PositiveBigIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hand_over", "Hand-over"),
                            ("undo", "Hand-over undone"),
                            ("arrival", "Delivery counted in"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "point_id",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="pickup point"
                    ),
                ),
                ("order_no", models.CharField(blank=True, max_length=40, verbose_name="order")),
                (
                    "group_id",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="group buy's group"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at, by the telephone")),
                ("text", models.TextField(verbose_name="as it was signed")),
                ("signature", models.CharField(max_length=100, verbose_name="signature")),
                ("received_at", models.DateTimeField(verbose_name="told at")),
                (
                    "end",
                    models.CharField(
                        choices=[
                            ("taken", "Being worked on"),
                            ("done", "Done"),
                            ("conflict", "Conflict"),
                        ],
                        default="taken",
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20, verbose_name="why")),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="details")),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dealt with at"),
                ),
                (
                    "settled_note",
                    models.CharField(blank=True, max_length=200, verbose_name="what was done"),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_conflicts_settled",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="dealt with by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counter_acts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="groupleader.devicekey",
                        verbose_name="telephone",
                    ),
                ),
            ],
            options={
                "verbose_name": "told without a connection",
                "verbose_name_plural": "told without a connection",
                "ordering": ["-received_at", "-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="devicekey",
            constraint=models.UniqueConstraint(
                fields=("user", "public_key"), name="groupleader_device_once"
            ),
        ),
        migrations.AddIndex(
            model_name="deviceact",
            index=models.Index(
                condition=models.Q(("end", "conflict"), ("settled_at", None)),
                fields=["user", "received_at"],
                name="groupleader_act_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviceact",
            constraint=models.UniqueConstraint(
                fields=("device", "seq"), name="groupleader_act_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="deviceact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", "conflict"), ("reason__gt", "")),
                    models.Q(models.Q(("end", "conflict"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="groupleader_act_conflict_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviceact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("settled_by", None)),
                    models.Q(
                        ("end", "conflict"),
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="groupleader_act_settled_whole",
            ),
        ),
    ]
