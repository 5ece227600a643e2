"""The last mile: what the acquirer says it paid us, beside what arrived on our bank account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.money import Money
from payments.reconciliation.models.bills import Bill, BillLine


class BankStatement(models.Model):
    """A file of our own bank's bookings, brought in by a person; the same bytes are one file."""

    bank_account = models.CharField(_("bank account"), max_length=64)
    file_name = models.CharField(_("file"), max_length=120)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    path = models.CharField(_("kept as"), max_length=300)
    size = models.PositiveBigIntegerField(_("bytes"))
    line_count = models.PositiveIntegerField(_("bookings"), default=0)
    known_count = models.PositiveIntegerField(_("known from earlier files"), default=0)
    imported_by = models.CharField(_("brought in by"), max_length=150)
    imported_at = models.DateTimeField(_("brought in at"))

    class Meta:
        """The same bytes are one file."""

        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("bank_account", "sha256"), name="reconciliation_bankstatement_once"
            ),
        )

    def __str__(self) -> str:
        """Show account and file."""
        return f"{self.bank_account} {self.file_name}"


class BankLine(models.Model):
    """One booking on our bank account; in is positive, out is negative."""

    statement = models.ForeignKey(
        BankStatement,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("bank statement"),
    )
    bank_account = models.CharField(_("bank account"), max_length=64)
    bank_ref = models.CharField(_("bank's number"), max_length=64)
    day = models.DateField(_("booked on"))
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    counterparty = models.CharField(_("counterparty"), max_length=120, blank=True)
    memo = models.CharField(_("memo"), max_length=300, blank=True)
    used_for = models.CharField(
        _("used for"),
        max_length=80,
        blank=True,
        help_text=_("The receipt it proves, where it is no acquirer's batch."),
    )

    class Meta:
        """The bank's number stands for one booking, in however many files it appears."""

        verbose_name = _("bank booking")
        verbose_name_plural = _("bank bookings")
        ordering = ("-day", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("bank_account", "bank_ref"), name="reconciliation_bankline_once"
            ),
            models.CheckConstraint(
                condition=~Q(amount_minor=0), name="reconciliation_bankline_not_zero"
            ),
        )
        indexes = (
            models.Index(
                fields=("bank_account", "amount_minor", "day"), name="reconciliation_bank_found_by"
            ),
        )

    def __str__(self) -> str:
        """Show the bank's number."""
        return self.bank_ref

    @property
    def amount(self) -> Money:
        """What was booked, negative where it left."""
        return Money(self.amount_minor, self.currency)


class SettlementBatch(models.Model):
    """One batch of takings the acquirer paid out, and the bank's booking that proves it."""

    account_code = models.CharField(_("account"), max_length=40)
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    day = models.DateField(_("acquirer's day"))
    batch_no = models.CharField(_("batch"), max_length=64)
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="batches", verbose_name=_("bill")
    )
    line = models.ForeignKey(
        BillLine,
        on_delete=models.PROTECT,
        related_name="batches",
        db_constraint=False,
        verbose_name=_("line of the bill"),
    )
    net_minor = models.BigIntegerField(_("paid to us"))
    expected_minor = models.BigIntegerField(_("by the lines of the day"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    paid_at = models.DateTimeField(_("paid at"))
    booked_at = models.DateTimeField(_("in the books since"), null=True, blank=True)
    bank_line = models.OneToOneField(
        BankLine,
        on_delete=models.PROTECT,
        related_name="batch",
        null=True,
        blank=True,
        verbose_name=_("bank booking"),
    )
    created_at = models.DateTimeField(_("noticed"))

    class Meta:
        """A batch number stands for one batch."""

        verbose_name = _("settlement batch")
        verbose_name_plural = _("settlement batches")
        ordering = ("-day", "account_code")
        constraints = (
            models.UniqueConstraint(
                fields=("merchant", "batch_no"), name="reconciliation_batch_once"
            ),
        )

    def __str__(self) -> str:
        """Show the batch number."""
        return self.batch_no

    @property
    def net(self) -> Money:
        """What was paid to us, negative where it was drawn from us."""
        return Money(self.net_minor, self.currency)
