"""Incidents: what a person must look at, written in the transaction that noticed it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Incident(models.Model):
    """Something about money that is not as it should be."""

    class Kind(models.TextChoices):
        """What is wrong."""

        AMOUNT_MISMATCH = "amount_mismatch", _("amount, currency or merchant differs")
        ORPHAN_NOTIFY = "orphan_notify", _("message about an unknown number")
        LATE_PAYMENT = "late_payment", _("paid after closing, returned")
        DOUBLE_PAYMENT = "double_payment", _("paid twice, returned")
        DOUBLE_TXN = "double_txn", _("two transactions under one number")
        TENDER_MISMATCH = "tender_mismatch", _("the bank gave another discount than quoted")
        REFUND_FAILED = "refund_failed", _("refund refused")
        REFUND_CAME_BACK = "refund_came_back", _("refund came back after it was done")
        TRANSFER_FAILED = "transfer_failed", _("transfer refused")
        TRANSFER_CAME_BACK = "transfer_came_back", _("transfer came back after it was done")
        TRANSFER_UNFUNDED = "transfer_unfunded", _("payout waits for money in the bank account")
        SPLIT_FAILED = "split_failed", _("share refused")
        SPLIT_RETURN_FAILED = "split_return_failed", _("share not returned, advanced by us")
        CONTRADICTION = "contradiction", _("the acquirer contradicts itself")
        ACQUIRER_CONFIG = "acquirer_config", _("acquirer account is set up wrongly")
        ACQUIRER_OUT = "acquirer_out", _("acquirer account is out of order")
        NO_BILL = "no_bill", _("a bill is missing")
        BAD_BILL = "bad_bill", _("a bill is not what it says it is")
        BILL_REISSUED = "bill_reissued", _("a bill was issued again with other contents")
        MONEY_MISSING = "money_missing", _("booked here, and in no bill")
        CARD_TESTING = "card_testing", _("many tries to tie cards")
        DEAD_LETTER = "dead_letter", _("a fact could not be delivered")

    kind = models.CharField(_("kind"), max_length=32, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=160, unique=True)
    subject_no = models.CharField(_("number"), max_length=64, blank=True, db_index=True)
    data = models.JSONField(_("figures"), default=dict)
    created_at = models.DateTimeField(_("noticed"))
    resolved_at = models.DateTimeField(_("settled"), null=True, blank=True)
    resolved_by = models.CharField(_("settled by"), max_length=64, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        """Open ones are few and asked for often."""

        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=("created_at",),
                condition=Q(resolved_at__isnull=True),
                name="payments_incident_open",
            ),
        )

    def __str__(self) -> str:
        """Show kind and number."""
        return f"{self.kind} {self.subject_no}"
