"""Money a bank or an authority paid for its discounts, and which claims it paid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.claims.models.claims import SubsidyClaim
from payments.api import Edges


class SubsidyReceipt(models.Model):
    """One payment of a giver to us (negative: of us to it), booked when it is confirmed.

    Proven by a booking of our bank's own statement, or entered by one person and confirmed by
    another. What no claim takes is the giver's credit: paid in advance.
    """

    class Status(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("waits for a second person")
        CONFIRMED = "confirmed", pgettext_lazy("receipt", "booked")
        REFUSED = "refused", _("refused")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.CONFIRMED, Status.REFUSED}),
        Status.CONFIRMED: frozenset(),
        Status.REFUSED: frozenset(),
    }

    receipt_no = models.CharField(
        _("receipt number"),
        max_length=64,
        help_text=_("The number of the transfer at the bank: one payment, one receipt."),
    )
    giver = models.CharField(_("bank or authority"), max_length=64)
    campaign = models.CharField(
        _("campaign of what is over"),
        max_length=64,
        help_text=_("Whose later claims take what no claim takes now."),
    )
    day = models.DateField(_("received on"))
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    over_minor = models.BigIntegerField(_("paid in advance (fen)"), default=0)
    left_minor = models.BigIntegerField(_("of it not used yet (fen)"), default=0)
    bank_line = models.PositiveBigIntegerField(_("bank booking"), null=True, blank=True)
    # [[claim's key, fen]]: what the person who entered it means it to pay
    wish = models.JSONField(_("meant for"), default=list, blank=True)
    reason = models.CharField(_("note"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = models.CharField(_("entered by"), max_length=150)
    proposed_at = models.DateTimeField(_("entered at"))
    decided_by = models.CharField(_("confirmed by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    class Meta:
        """One transfer of the bank is one receipt; the bank's own file or two persons prove it."""

        verbose_name = _("subsidy receipt")
        verbose_name_plural = _("subsidy receipts")
        ordering = ["-pk"]
        permissions = (("confirm_subsidyreceipt", _("Can confirm receipts another entered")),)
        constraints = [
            models.UniqueConstraint(
                fields=["giver", "receipt_no"],
                condition=~Q(status="refused"),
                name="claims_subsidyreceipt_once",
            ),
            models.UniqueConstraint(
                fields=["bank_line"],
                condition=Q(bank_line__isnull=False) & ~Q(status="refused"),
                name="claims_subsidyreceipt_one_per_booking",
            ),
            models.CheckConstraint(
                condition=~Q(amount_minor=0), name="claims_subsidyreceipt_not_nothing"
            ),
            models.CheckConstraint(
                condition=Q(left_minor__gte=0) & Q(left_minor__lte=F("over_minor")),
                name="claims_subsidyreceipt_credit_used_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed")
                | Q(bank_line__isnull=False)
                | ~Q(decided_by=F("proposed_by")),
                name="claims_subsidyreceipt_proof_or_two_persons",
            ),
        ]

    def __str__(self) -> str:
        """Show giver and number."""
        return f"{self.giver} {self.receipt_no}"


class ReceiptPart(models.Model):
    """What of a receipt paid which claim: at once, or later out of what was paid in advance."""

    receipt = models.ForeignKey(
        SubsidyReceipt, on_delete=models.PROTECT, related_name="parts", verbose_name=_("receipt")
    )
    claim = models.ForeignKey(
        SubsidyClaim, on_delete=models.PROTECT, related_name="parts", verbose_name=_("claim")
    )
    minor = models.BigIntegerField(_("amount (fen)"))
    is_advance = models.BooleanField(_("out of what was paid in advance"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        """A receipt pays a claim once at once, and once out of its credit."""

        verbose_name = _("part of a receipt")
        verbose_name_plural = _("parts of receipts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "claim", "is_advance"], name="claims_receiptpart_once"
            ),
            models.CheckConstraint(condition=~Q(minor=0), name="claims_receiptpart_not_nothing"),
        ]

    def __str__(self) -> str:
        """Show what paid what."""
        return f"{self.receipt_id} {self.claim_id}"
