"""Numbers leaders asked for, and receivers of shares agreed to by two people."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers leaders asked for, and receivers of shares."""

    dependencies = [
        ("groupleader", "0008_devices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberAsked",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_no", models.CharField(max_length=40, verbose_name="order")),
                ("bag_id", models.BigIntegerField(verbose_name="bag")),
                ("day", models.DateField(verbose_name="day")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="numbers_asked",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
            ],
            options={
                "verbose_name": "telephone number asked for",
                "verbose_name_plural": "telephone numbers asked for",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["order_no"], name="groupleader_number_of_order")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("leader", "bag_id", "day"), name="groupleader_number_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NumbersADay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("count", models.PositiveSmallIntegerField(default=0, verbose_name="count")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
            ],
            options={
                "verbose_name": "telephone numbers of a day",
                "verbose_name_plural": "telephone numbers of a day",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("leader", "day"), name="groupleader_numbers_one_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__lte", 500)),
                        name="groupleader_numbers_within_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiverChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_code", models.CharField(max_length=40, verbose_name="acquirer account")),
                (
                    "receiver",
                    models.CharField(max_length=64, verbose_name="receiver at the acquirer"),
                ),
                ("name", models.CharField(max_length=80, verbose_name="registered name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("merchant", "A merchant number"),
                            ("person", "A person's account"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "before",
                    models.CharField(blank=True, max_length=64, verbose_name="receiver before"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for a second person"),
                            ("applied", "in force"),
                            ("refused", "refused"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "said",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="what the acquirer said last"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receiver_changes",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receiver_changes",
                        to="groupleader.supplieraccount",
                        verbose_name="supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "receiver of shares",
                "verbose_name_plural": "receivers of shares",
                "ordering": ["-pk"],
                "permissions": [
                    ("decide_receiverchange", "Can decide about a receiver another proposed")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("leader__isnull", False), ("supplier__isnull", True)),
                            models.Q(("leader__isnull", True), ("supplier__isnull", False)),
                            _connector="OR",
                        ),
                        name="groupleader_receiver_party",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("leader",),
                        name="groupleader_receiver_one_leader",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "proposed")),
                        fields=("supplier",),
                        name="groupleader_receiver_one_supplier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "applied"), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="groupleader_receiver_two_people",
                    ),
                ],
            },
        ),
    ]
