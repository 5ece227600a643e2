"""Applications, their audit, and what becomes of a leader."""

from __future__ import annotations

import datetime as dt

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Applications, their audit, and what becomes of a leader."""

    dependencies = [
        ("groupleader", "0002_closed_statements"),
        ("pickup", "0003_keepers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="leader",
            name="earns_commission",
            field=models.BooleanField(
                default=True,
                help_text="Off for the people of a bank's outlet: they hand over and are paid nothing.",
                verbose_name="earns commission",
            ),
        ),
        migrations.CreateModel(
            name="LeaderApplication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Being written"),
                            ("applied", "Handed in"),
                            ("in_review", "Being looked at"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("city", models.CharField(blank=True, max_length=60, verbose_name="city")),
                ("district", models.CharField(blank=True, max_length=60, verbose_name="district")),
                (
                    "community_name",
                    models.CharField(blank=True, max_length=60, verbose_name="community"),
                ),
                (
                    "place_name",
                    models.CharField(blank=True, max_length=60, verbose_name="name of the place"),
                ),
                ("kind", models.CharField(blank=True, max_length=20, verbose_name="kind of place")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                (
                    "photo",
                    models.FileField(
                        blank=True,
                        upload_to="applications/%Y/%m",
                        verbose_name="photo of the place",
                    ),
                ),
                (
                    "hours_from",
                    models.TimeField(default=dt.time(8, 0), verbose_name="open from"),
                ),
                (
                    "hours_until",
                    models.TimeField(default=dt.time(20, 0), verbose_name="open until"),
                ),
                (
                    "hours_note",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="note on opening hours"
                    ),
                ),
                (
                    "terms_version",
                    models.CharField(blank=True, max_length=20, verbose_name="terms agreed to"),
                ),
                ("terms_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed at")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                (
                    "handed_in_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="handed in at"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("place", "The place is not suitable for keeping goods"),
                            ("near", "There are leaders enough near that place"),
                            ("photo", "The photo does not show the place clearly"),
                            ("address", "The address could not be found"),
                            ("phone", "We could not reach you by phone"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                        verbose_name="reason for refusing",
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, max_length=300, verbose_name="what she is told"),
                ),
                (
                    "community",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pickup.community",
                        verbose_name="community",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="groupleader.leader",
                        verbose_name="group leader",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pickup.pickuppoint",
                        verbose_name="pickup point",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leader_applications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "leader application",
                "verbose_name_plural": "leader applications",
                "ordering": ["-handed_in_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="LeaderEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("applied", "Applied"),
                            ("reviewing", "Looked at"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("suspended", "Suspended"),
                            ("reinstated", "Reinstated"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=12, verbose_name="reason")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="groupleader.leaderapplication",
                        verbose_name="leader application",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="Empty when the system did it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="groupleader.leader",
                        verbose_name="group leader",
                    ),
                ),
            ],
            options={
                "verbose_name": "leader event",
                "verbose_name_plural": "leader events",
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="leaderapplication",
            index=models.Index(
                fields=["status", "handed_in_at"], name="groupleader_application_queue"
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderapplication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "applied", "in_review"])),
                fields=("user",),
                name="groupleader_application_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "withdrawn"]),
                    models.Q(
                        ("handed_in_at__isnull", False),
                        ("terms_at__isnull", False),
                        models.Q(("name", ""), _negated=True),
                        models.Q(("address", ""), _negated=True),
                        models.Q(("photo", ""), _negated=True),
                        models.Q(("community_name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="groupleader_application_handed_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "applied", "in_review", "withdrawn"]),
                    models.Q(
                        ("leader__isnull", False), ("point__isnull", False), ("status", "approved")
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("status", "refused"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="groupleader_application_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderapplication",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours_until__gt", models.F("hours_from"))),
                name="groupleader_application_hours",
                violation_error_message="Closing time comes after opening time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("leader__isnull", False), ("application__isnull", False), _connector="OR"
                ),
                name="groupleader_event_of_somebody",
            ),
        ),
    ]
