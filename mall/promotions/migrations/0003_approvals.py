"""Launches and budgets proposed by one person and approved by another."""

from __future__ import annotations

import hashlib

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def keep_earlier_launches(apps, _editor):
    """Say of offers launched before two people were asked that it was so."""
    Proposal = apps.get_model("promotions", "Proposal")
    at = timezone.now()
    for offer in apps.get_model("promotions", "BankOffer").objects.exclude(state="draft"):
        Proposal.objects.create(
            action="launch",
            subject_kind="offer",
            subject_pk=offer.pk,
            subject_name=offer.name,
            snapshot={},
            digest=hashlib.sha256(b"{}").hexdigest(),
            reason="launched before two people were asked",
            status="waived",
            proposed_by="migration",
            proposed_at=at,
            expires_at=at,
            decided_at=at,
        )


class Migration(migrations.Migration):
    """Launches and budgets proposed by one person and approved by another."""

    dependencies = [("banks", "0001_initial"), ("promotions", "0002_rules")]
    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(choices=[("launch", "Launch"), ("budget", "Another budget")], max_length=8, verbose_name="what")),
                ("subject_kind", models.CharField(max_length=20, verbose_name="kind of subject")),
                ("subject_pk", models.PositiveBigIntegerField(verbose_name="key of the subject")),
                ("subject_name", models.CharField(max_length=80, verbose_name="about")),
                ("snapshot", models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="as it was proposed")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("budget_from_minor", models.PositiveBigIntegerField(null=True, verbose_name="budget before (fen)")),
                ("budget_to_minor", models.PositiveBigIntegerField(null=True, verbose_name="budget then (fen)")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("status", models.CharField(choices=[("proposed", "Waits for a second person"), ("approved", "Approved"), ("refused", "Refused"), ("withdrawn", "Taken back"), ("void", "Void: what was proposed has changed since"), ("expired", "Expired"), ("waived", "Done without a second person")], default="proposed", max_length=10, verbose_name="status")),
                ("proposed_by", models.CharField(max_length=150, verbose_name="proposed by")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                ("expires_at", models.DateTimeField(verbose_name="to be decided until")),
                ("decided_by", models.CharField(blank=True, max_length=150, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="answer")),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="banks.bankunit", verbose_name="bank unit")),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["-pk"],
                "permissions": [("approve_proposal", "Can approve what another proposed about offers")],
            },
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(condition=models.Q(("status", "proposed")), fields=["expires_at"], name="promotions_proposal_to_expire"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["subject_kind", "subject_pk"], name="promotions_proposal_about"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(condition=models.Q(("status", "proposed")), fields=("subject_kind", "subject_pk", "action"), name="promotions_proposal_one_open"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("status", "approved"), _negated=True), models.Q(models.Q(("decided_by", ""), _negated=True), models.Q(("decided_by", models.F("proposed_by")), _negated=True)), _connector="OR"), name="promotions_proposal_two_persons"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("status", "withdrawn"), _negated=True), ("decided_by", models.F("proposed_by")), _connector="OR"), name="promotions_proposal_withdrawn_by_its_maker"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("status", "refused"), _negated=True), models.Q(("answer", ""), _negated=True), _connector="OR"), name="promotions_proposal_refused_with_a_reason"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(condition=models.Q(("proposed_by", ""), _negated=True), name="promotions_proposal_has_a_maker"),
        ),
        migrations.CreateModel(
            name="OfferRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=32, verbose_name="reason")),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="times")),
                ("offer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="refusals", to="promotions.bankoffer", verbose_name="bank offer")),
            ],
            options={
                "verbose_name": "refusals of an offer",
                "verbose_name_plural": "refusals of offers",
                "constraints": [models.UniqueConstraint(fields=("offer", "hour", "reason"), name="promotions_offerrefusal_one_each")],
            },
        ),
        migrations.RunPython(keep_earlier_launches, migrations.RunPython.noop),
    ]
