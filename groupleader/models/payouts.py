"""The payouts that settle a statement: one live attempt at a time, whatever its way."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.batches import PayoutBatch
from groupleader.models.statements import SettlementStatement
from payments.api import Edges


class Payout(models.Model):
    """One attempt to pay a statement; another may start only when this one definitely failed."""

    class Method(models.TextChoices):
        """Which way the money goes."""

        TRANSFER = "transfer", _("Transfer")
        BATCH = "batch", _("Bank batch file")
        SPLIT = "split", _("Acquirer's split")

    class Status(models.TextChoices):
        """What we know of the money; unknown is not failed and blocks another attempt."""

        NEW = "new", _("To be sent")
        SENT = "sent", _("Sent to the bank")
        UNKNOWN = "unknown", _("Waiting for the bank's answer")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Failed")
        RETURNED = "returned", _("Sent back by the bank")
        CANCELLED = "cancelled", pgettext_lazy("payout", "Cancelled before it left")

    EDGES: ClassVar[Edges] = {
        Status.NEW: frozenset(
            {Status.SENT, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}
        ),
        Status.SENT: frozenset({Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
        Status.UNKNOWN: frozenset({Status.SENT, Status.SUCCEEDED, Status.FAILED}),
        Status.SUCCEEDED: frozenset({Status.RETURNED}),
        Status.FAILED: frozenset({Status.SUCCEEDED}),  # a bank may correct itself
        Status.RETURNED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    OPEN: ClassVar[tuple[str, ...]] = (Status.NEW, Status.SENT, Status.UNKNOWN)
    LIVE: ClassVar[tuple[str, ...]] = (*OPEN, Status.SUCCEEDED)

    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        related_name="payouts",
        verbose_name=_("statement"),
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    method = models.CharField(
        pgettext_lazy("payout", "way"),
        max_length=12,
        choices=Method.choices,
        default=Method.TRANSFER,
    )
    transfer_no = models.CharField(_("transfer number"), max_length=32, unique=True)
    batch = models.ForeignKey(
        PayoutBatch,
        on_delete=models.PROTECT,
        null=True,
        related_name="payouts",
        verbose_name=_("batch"),
    )
    row_no = models.PositiveIntegerField(_("row of the file"), null=True)
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.NEW
    )
    payee_masked = models.CharField(_("paid to"), max_length=80)
    failure_code = models.CharField(_("failure code"), max_length=60, blank=True)
    failure_message = models.CharField(_("failure"), max_length=300, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        """At most one live attempt per statement, of whichever way."""

        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "attempt"], name="groupleader_payout_attempt"
            ),
            models.UniqueConstraint(
                fields=["statement"],
                condition=Q(status__in=["new", "sent", "unknown", "succeeded"]),
                name="groupleader_payout_one_live",
            ),
            models.UniqueConstraint(
                fields=["batch", "row_no"],
                condition=Q(batch__isnull=False),
                name="groupleader_payout_batch_row",
            ),
            models.CheckConstraint(
                name="groupleader_payout_positive", condition=Q(amount_minor__gt=0)
            ),
            models.CheckConstraint(
                name="groupleader_payout_in_its_batch",
                condition=Q(method="batch", batch__isnull=False, row_no__isnull=False)
                | (~Q(method="batch") & Q(batch__isnull=True, row_no__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        """Show the transfer's number."""
        return self.transfer_no


class PayoutShare(models.Model):
    """What of a split payout one payment gives: asked of the acquirer, paid, or why not."""

    class Status(models.TextChoices):
        """Whether the receiver has it."""

        PLANNED = "planned", _("To be asked for")
        ASKED = "asked", _("Asked for")
        PAID = "paid", pgettext_lazy("share", "Paid by the acquirer")
        FAILED = "failed", pgettext_lazy("share", "Not paid")

    EDGES: ClassVar[Edges] = {
        Status.PLANNED: frozenset({Status.ASKED, Status.FAILED}),
        Status.ASKED: frozenset({Status.PAID, Status.FAILED}),
        Status.PAID: frozenset(),
        Status.FAILED: frozenset({Status.PLANNED}),
    }

    payout = models.ForeignKey(
        Payout, on_delete=models.PROTECT, related_name="shares", verbose_name=_("payout")
    )
    payment_no = models.CharField(_("payment number"), max_length=32, db_index=True)
    order_no = models.CharField(_("order number"), max_length=32, blank=True)
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    back_minor = models.BigIntegerField(_("came back (fen)"), default=0)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.PLANNED
    )
    tries = models.PositiveIntegerField(_("tries"), default=0)
    split_key = models.CharField(_("split key"), max_length=128, blank=True, db_index=True)
    share_no = models.CharField(_("share number"), max_length=32, blank=True, db_index=True)
    reason = models.CharField(_("why not"), max_length=60, blank=True)
    detail = models.CharField(_("the acquirer's words"), max_length=300, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        """One part per payment; no more comes back than went out."""

        verbose_name = _("part of a split payout")
        verbose_name_plural = _("parts of split payouts")
        ordering = ["payout", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "payment_no"], name="groupleader_payoutshare_once"
            ),
            models.CheckConstraint(
                name="groupleader_payoutshare_sane",
                condition=Q(amount_minor__gt=0, back_minor__gte=0)
                & Q(back_minor__lte=F("amount_minor")),
            ),
        ]

    def __str__(self) -> str:
        """Show the payment."""
        return self.payment_no
