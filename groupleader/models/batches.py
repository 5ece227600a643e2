"""Batch files for a bank: made by one, let go by another, handed out, and the bank's answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Edges


def _person(label: Any, *, is_optional: bool = True) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=is_optional,
        blank=is_optional,
        related_name="+",
        verbose_name=label,
    )


class PayoutBatch(models.Model):
    """A file of payouts for a bank that has no interface; two people stand behind it."""

    class Status(models.TextChoices):
        """Who has to act next."""

        PROPOSED = "proposed", _("Waits for a second person")
        APPROVED = "approved", _("Ready to be downloaded")
        HANDED_OUT = "handed_out", _("Waits for the bank's result")
        CLOSED = "closed", pgettext_lazy("batch", "Every row is decided")
        CANCELLED = "cancelled", pgettext_lazy("batch", "Cancelled")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.APPROVED, Status.CANCELLED}),
        Status.APPROVED: frozenset({Status.HANDED_OUT, Status.CANCELLED}),
        Status.HANDED_OUT: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset(),
        Status.CANCELLED: frozenset(),
    }

    class Form(models.TextChoices):
        """How the file is written."""

        CSV_GBK = "csv_gbk", _("CSV in GBK")
        CSV_UTF8 = "csv_utf8", _("CSV in UTF-8")
        XLSX = "xlsx", _("Excel workbook")

    batch_no = models.CharField(_("batch number"), max_length=20, unique=True)
    layout = models.CharField(_("columns as for"), max_length=20)
    form = models.CharField(_("file"), max_length=12, choices=Form.choices)
    purpose = models.CharField(_("purpose"), max_length=40)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PROPOSED
    )
    count = models.PositiveIntegerField(_("payouts"))
    total_minor = models.BigIntegerField(_("total (fen)"))
    made_by = _person(_("made by"), is_optional=False)
    made_at = models.DateTimeField(_("made at"))
    approved_by = _person(_("approved by"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    handed_out_by = _person(_("handed out by"))
    handed_out_at = models.DateTimeField(_("handed out at"), null=True, blank=True)
    cancelled_by = _person(_("cancelled by"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancel_reason = models.CharField(_("why cancelled"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    file_name = models.CharField(_("file name"), max_length=80, blank=True)
    sha256 = models.CharField(_("digest"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    bank_line = models.CharField(_("booking on the bank account"), max_length=120, blank=True)

    class Meta:
        """Maker and checker differ, always; a file exists from approval on."""

        verbose_name = _("payout batch")
        verbose_name_plural = _("payout batches")
        ordering = ["-pk"]
        permissions = [
            ("approve_payoutbatch", _("Can let a batch go that another made")),
            ("download_payoutbatch", _("Can download a batch's file")),
            ("import_payoutbatch", _("Can import the bank's result")),
            ("decide_payout", _("Can propose and decide what became of a payout, by evidence")),
        ]
        constraints = [
            models.CheckConstraint(
                name="groupleader_batch_not_empty", condition=Q(count__gt=0, total_minor__gt=0)
            ),
            models.CheckConstraint(
                name="groupleader_batch_two_people",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")),
            ),
            models.CheckConstraint(
                name="groupleader_batch_let_go",
                condition=Q(status__in=["proposed", "cancelled"])
                | (Q(approved_by__isnull=False, size__gt=0) & ~Q(sha256="")),
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.batch_no


class PayoutBatchFile(models.Model):
    """The bytes of a batch's file, under seal: the same today and in a year."""

    batch = models.OneToOneField(
        PayoutBatch, on_delete=models.PROTECT, related_name="file", verbose_name=_("batch")
    )
    content_sealed = models.BinaryField(_("content, sealed"))

    def __str__(self) -> str:
        """Show whose it is."""
        return self.batch.batch_no


class PayoutBatchDownload(models.Model):
    """Who had a batch's file, with all its account numbers, in hands."""

    batch = models.ForeignKey(
        PayoutBatch, on_delete=models.PROTECT, related_name="downloads", verbose_name=_("batch")
    )
    by = _person(_("by"), is_optional=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        """In the order it happened."""

        verbose_name = _("download of a batch")
        verbose_name_plural = _("downloads of batches")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show which."""
        return self.batch.batch_no


class BatchResult(models.Model):
    """A result file of the bank that was accepted; what it says is applied row by row."""

    batch = models.ForeignKey(
        PayoutBatch, on_delete=models.PROTECT, related_name="results", verbose_name=_("batch")
    )
    file_name = models.CharField(_("file name"), max_length=120)
    sha256 = models.CharField(_("digest"), max_length=64)
    imported_by = _person(_("imported by"), is_optional=False)
    imported_at = models.DateTimeField(_("imported at"))
    paid_count = models.PositiveIntegerField(_("paid"), default=0)
    failed_count = models.PositiveIntegerField(pgettext_lazy("payouts", "failed"), default=0)
    unknown_count = models.PositiveIntegerField(_("still unknown"), default=0)
    known_count = models.PositiveIntegerField(_("known already"), default=0)
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        """The same file is one result."""

        verbose_name = _("bank's result")
        verbose_name_plural = _("bank's results")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sha256"], name="groupleader_result_once")
        ]

    def __str__(self) -> str:
        """Show the file."""
        return self.file_name


class BatchAnswer(models.Model):
    """What the bank said about one payout of a batch; once said it stands."""

    class Outcome(models.TextChoices):
        """What became of the money."""

        PAID = "paid", _("paid")
        FAILED = "failed", pgettext_lazy("payout", "not paid")

    result = models.ForeignKey(
        BatchResult, on_delete=models.PROTECT, related_name="answers", verbose_name=_("result")
    )
    payout = models.OneToOneField(
        "groupleader.Payout",
        on_delete=models.PROTECT,
        related_name="answer",
        verbose_name=_("payout"),
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("the bank's words"), max_length=200, blank=True)
    bank_ref = models.CharField(_("bank's number"), max_length=64, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True)

    class Meta:
        """What is not applied yet is found quickly."""

        verbose_name = _("bank's answer")
        verbose_name_plural = _("bank's answers")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["result"],
                condition=Q(applied_at__isnull=True),
                name="groupleader_answer_open",
            )
        ]

    def __str__(self) -> str:
        """Show the outcome."""
        return self.outcome


class PayoutDecision(models.Model):
    """What two people decide by evidence where no file says it: paid, not paid, came back."""

    class Kind(models.TextChoices):
        """What became of the money."""

        PAID = "paid", _("the bank paid it")
        FAILED = "failed", _("the bank did not pay it")
        RETURNED = "returned", _("the money came back")

    class Status(models.TextChoices):
        """How far the decision is."""

        PROPOSED = "proposed", _("waits for a second person")
        CARRIED_OUT = "carried_out", _("carried out")
        REJECTED = "rejected", _("rejected")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.CARRIED_OUT, Status.REJECTED}),
        Status.CARRIED_OUT: frozenset(),
        Status.REJECTED: frozenset(),
    }

    payout = models.ForeignKey(
        "groupleader.Payout",
        on_delete=models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("payout"),
    )
    batch = models.ForeignKey(
        PayoutBatch,
        on_delete=models.PROTECT,
        null=True,
        related_name="decisions",
        verbose_name=_("batch"),
        help_text=_("All its rows that are still unknown."),
    )
    kind = models.CharField(_("decision"), max_length=10, choices=Kind.choices)
    reason = models.CharField(_("evidence"), max_length=300)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = _person(_("proposed by"), is_optional=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = _person(_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        """One open proposal per payout and batch; nobody decides her own."""

        verbose_name = _("decision about a payout")
        verbose_name_plural = _("decisions about payouts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout"],
                condition=Q(status="proposed"),
                name="groupleader_decision_one_open",
            ),
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(status="proposed"),
                name="groupleader_decision_one_batch",
            ),
            models.CheckConstraint(
                name="groupleader_decision_about_one",
                condition=Q(payout__isnull=False, batch__isnull=True)
                | Q(payout__isnull=True, batch__isnull=False),
            ),
            models.CheckConstraint(
                name="groupleader_decision_two_people",
                condition=~Q(status="carried_out")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        """Show what it is about."""
        return f"{self.payout or self.batch} {self.kind}"
