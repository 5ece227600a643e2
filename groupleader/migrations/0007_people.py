"""Notes on neighbours, and messages to a whole group."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Notes on neighbours, and messages to a whole group."""

    dependencies = [
        ("groupleader", "0006_paying"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BroadcastCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("group_id", models.BigIntegerField(verbose_name="group")),
                ("day", models.DateField(verbose_name="day")),
                ("count", models.PositiveSmallIntegerField(default=0, verbose_name="count")),
            ],
            options={
                "verbose_name": "broadcasts of a day",
                "verbose_name_plural": "broadcasts of a day",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group_id", "day"), name="groupleader_broadcastcount_one_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("count__lte", 20)),
                        name="groupleader_broadcastcount_within_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BroadcastStop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "because",
                    models.CharField(max_length=120, verbose_name="reason, shown to the leader"),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stopped by",
                    ),
                ),
                (
                    "leader",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="broadcast_stop",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
            ],
            options={
                "verbose_name": "stop of a leader's broadcasts",
                "verbose_name_plural": "stops of leaders' broadcasts",
                "ordering": ["-since"],
            },
        ),
        migrations.CreateModel(
            name="Broadcast",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("group_id", models.BigIntegerField(verbose_name="group")),
                (
                    "group_title",
                    models.CharField(max_length=120, verbose_name="title of the group"),
                ),
                ("share_code", models.CharField(max_length=20, verbose_name="share code")),
                (
                    "whom",
                    models.CharField(
                        choices=[
                            ("all", "Everybody in the group"),
                            ("waiting", "Who has not collected yet"),
                            ("unpaid", "Who has not paid what I ordered for them"),
                        ],
                        max_length=8,
                        verbose_name="to",
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="text")),
                ("idem_key", models.CharField(max_length=64, verbose_name="form key")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("stopped", "Stopped"),
                        ],
                        default="sending",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("people", models.PositiveIntegerField(verbose_name="residents when it was sent")),
                ("told", models.PositiveIntegerField(default=0, verbose_name="told")),
                ("reached", models.BigIntegerField(default=0, verbose_name="told up to resident")),
                ("created_at", models.DateTimeField(verbose_name="sent at")),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="all told at"),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="broadcasts",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
            ],
            options={
                "verbose_name": "broadcast",
                "verbose_name_plural": "broadcasts",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        fields=["leader", "group_id"], name="groupleader_broadcast_of_group"
                    ),
                    models.Index(
                        condition=models.Q(("state", "sending")),
                        fields=["id"],
                        name="groupleader_broadcast_to_send",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("leader", "idem_key"), name="groupleader_broadcast_once_per_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("people__gt", 0), models.Q(("text", ""), _negated=True)
                        ),
                        name="groupleader_broadcast_to_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "sending")),
                            models.Q(
                                models.Q(("state", "sending"), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="groupleader_broadcast_ended_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ResidentNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="note")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "changed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="changed at"),
                ),
                ("kept_until", models.DateTimeField(db_index=True, verbose_name="kept until")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resident_notes",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resident",
                    ),
                ),
            ],
            options={
                "verbose_name": "note about a resident",
                "verbose_name_plural": "notes about residents",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["leader", "resident"], name="groupleader_note_of_resident")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="groupleader_residentnote_says_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ResidentTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=12, verbose_name="tag")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("kept_until", models.DateTimeField(db_index=True, verbose_name="kept until")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resident_tags",
                        to="groupleader.leader",
                        verbose_name="leader",
                    ),
                ),
                (
                    "resident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resident",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag of a resident",
                "verbose_name_plural": "tags of residents",
                "ordering": ["name"],
                "indexes": [
                    models.Index(fields=["leader", "name"], name="groupleader_tag_of_leader")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("leader", "resident", "name"), name="groupleader_residenttag_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="groupleader_residenttag_says_something",
                    ),
                ],
            },
        ),
    ]
