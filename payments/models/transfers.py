"""Transfers: money we pay out of our own balance at the acquirer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money
from payments.models.accounts import AcquirerAccount
from payments.models.errands import Errand


class Transfer(Errand):
    """One payment to one payee; name and account are frozen when it is created."""

    SENDABLE: ClassVar[str] = "approved"
    ASKABLE: ClassVar[tuple[str, ...]] = ("sent", "wait_user_confirm", "processing", "unknown")
    REFUSED: ClassVar[tuple[str, ...]] = ("failed", "cancelled")

    class Status(models.TextChoices):
        """How far the transfer is."""

        CREATED = "created", _("waits for approval")
        APPROVED = "approved", _("approved")
        SENT = "sent", _("sent to the acquirer")
        WAIT_USER_CONFIRM = "wait_user_confirm", _("waits for the payee to confirm")
        PROCESSING = "processing", _("being carried out")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        SUCCEEDED = "succeeded", _("done")
        FAILED = "failed", _("refused")
        CANCELLED = "cancelled", _("cancelled")
        RETURNED = "returned", pgettext_lazy("transfer", "came back after it was done")

    transfer_no = models.CharField(_("transfer number"), max_length=32, unique=True)
    transfer_key = models.CharField(_("transfer key"), max_length=128, unique=True)
    account = models.ForeignKey(
        AcquirerAccount,
        on_delete=models.PROTECT,
        related_name="transfers",
        verbose_name=_("acquirer account"),
    )
    reference = models.CharField(_("for"), max_length=64, db_index=True)
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.CREATED
    )
    created_by = models.CharField(_("created by"), max_length=64, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=64, blank=True)
    approved_at = models.DateTimeField(pgettext_lazy("date", "approved"), null=True, blank=True)
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    payee_name = models.CharField(_("payee"), max_length=80)
    payee_account = models.CharField(_("payee's account"), max_length=64)
    payee_bank = models.CharField(_("payee's bank"), max_length=80, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    purpose = models.CharField(_("purpose"), max_length=80)
    ledger = models.JSONField(_("in-transit account in the books"), default=dict)
    acquirer_transfer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    stopped_by = models.CharField(
        _("not to be sent again"),
        max_length=64,
        blank=True,
        help_text=_("Should it turn out that it never arrived, it is taken back instead."),
    )

    class Meta:
        """The same wish is one transfer; the acquirer's number stands for one."""

        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ("-pk",)
        permissions = (
            ("approve_transfer", "Can approve a transfer somebody else created"),
            ("cancel_transfer", "Can take a transfer back"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_transfer_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("created_by")),
                name="payments_transfer_two_people",
            ),
            models.UniqueConstraint(
                fields=("merchant", "acquirer_transfer_no"),
                condition=~Q(acquirer_transfer_no=""),
                name="payments_transfer_acquirer_no_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_transfer_due",
            ),
            # Reconciliation asks for one day of what came true.
            models.Index(
                fields=("done_at",),
                condition=Q(done_at__isnull=False),
                name="payments_transfer_done",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.transfer_no

    @property
    def amount(self) -> Money:
        """What the payee gets."""
        return self.money(self.amount_minor)

    @property
    def payee_mask(self) -> str:
        """The payee's account as a screen may show it."""
        return f"****{self.payee_account[-4:]}"
