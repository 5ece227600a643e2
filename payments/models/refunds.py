"""Refunds: money back for a payment, whole or part, each funder's share named."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.money import Money
from payments.models.errands import Errand
from payments.models.payments import Payment, Tender


class Refund(Errand):
    """Money given back for one payment, to the card or account it came from."""

    REFUSED: ClassVar[tuple[str, ...]] = ("failed", "closed", "abnormal")

    class Status(models.TextChoices):
        """How far the refund is."""

        TAKING_BACK = "taking_back", _("shares are being taken back first")
        CREATED = "created", _("prepared")
        SENT = "sent", _("sent to the acquirer")
        PROCESSING = "processing", _("being carried out")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("refused")
        CLOSED = "closed", _("closed by the acquirer without paying")
        ABNORMAL = "abnormal", _("the payer's account takes no money")
        FAILED_AFTER_SUCCESS = "failed_after_success", _("came back after it was done")
        PAID_BY_HAND = "paid_by_hand", _("paid by hand")

    class Stage(models.TextChoices):
        """Whether the goods were collected when the refund was approved; decides the books."""

        BEFORE_PICKUP = "before_pickup", _("before pickup")
        AFTER_PICKUP = "after_pickup", _("after pickup")
        GOODWILL = "goodwill", _("goodwill")
        SURPLUS = "surplus", _("money we could not take")
        HELD = "held", _("money held for a person")

    refund_no = models.CharField(_("refund number"), max_length=32, unique=True)
    refund_key = models.CharField(
        _("refund key"), max_length=128, unique=True, help_text=_("The same wish is one refund.")
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment")
    )
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    reference = models.CharField(_("for"), max_length=64, db_index=True)
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.CREATED
    )
    stage = models.CharField(_("stage"), max_length=20, choices=Stage.choices)
    reason = models.CharField(_("reason"), max_length=64)
    value_minor = models.BigIntegerField(_("value given back"))
    resident_minor = models.BigIntegerField(_("to the payer"))
    other_minor = models.BigIntegerField(_("to the other funders"))
    acquirer_refund_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    of_acquirer_no = models.CharField(
        _("acquirer's transaction returned"),
        max_length=64,
        blank=True,
        help_text=_("Only where it is not the payment's own, but held money under its number."),
    )
    succeeded_at = models.DateTimeField(_("first done at"), null=True, blank=True)
    refusals = models.PositiveIntegerField(_("times refused"), default=0)

    class Meta:
        """The parts make the whole; numbers stand for one refund."""

        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ("-pk",)
        permissions = (("retry_refund", "Can send a refused refund again"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(value_minor__gt=0)
                & Q(resident_minor__gte=0)
                & Q(other_minor__gte=0)
                & Q(value_minor=F("resident_minor") + F("other_minor")),
                name="payments_refund_parts_make_value",
            ),
            models.UniqueConstraint(
                fields=("merchant", "acquirer_refund_no"),
                condition=~Q(acquirer_refund_no=""),
                name="payments_refund_acquirer_no_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_refund_due",
            ),
            # Reconciliation asks for one day of what came true.
            models.Index(
                fields=("done_at",),
                condition=Q(done_at__isnull=False),
                name="payments_refund_done",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.refund_no

    @property
    def amount(self) -> Money:
        """What goes back to the payer."""
        return self.money(self.resident_minor)


class RefundTender(models.Model):
    """One funder's part of a refund."""

    refund = models.ForeignKey(
        Refund, on_delete=models.PROTECT, related_name="tenders", verbose_name=_("refund")
    )
    funder = models.CharField(_("funder"), max_length=20, choices=Tender.Funder.choices)
    ref = models.CharField(_("offer"), max_length=64, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        """A funder's offer appears once per refund."""

        verbose_name = _("refund tender")
        verbose_name_plural = _("refund tenders")
        ordering = ("refund", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("refund", "funder", "ref"), name="payments_refundtender_part_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_refundtender_amount_positive"
            ),
        )

    def __str__(self) -> str:
        """Show funder and amount in minor units."""
        return f"{self.funder} {self.amount_minor}"
