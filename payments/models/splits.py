"""Splits: a captured payment shared out among receivers by the acquirer, and shares taken back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money
from payments.models.errands import Errand
from payments.models.payments import Payment
from payments.models.refunds import Refund


class SplitReceiver(models.Model):
    """Somebody who may get shares through one acquirer account: known there by an account name."""

    class Status(models.TextChoices):
        """Whether the acquirer knows her."""

        CREATED = "created", _("prepared")
        ACTIVE = "active", _("may receive shares")
        REMOVED = "removed", _("removed")

    account_code = models.CharField(_("acquirer account"), max_length=40)
    receiver = models.CharField(_("receiver"), max_length=64)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, default="merchant")
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.CREATED
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """A receiver is known once per account."""

        verbose_name = _("receiver of shares")
        verbose_name_plural = _("receivers of shares")
        ordering = ("account_code", "receiver")
        constraints = (
            models.UniqueConstraint(
                fields=("account_code", "receiver"), name="payments_splitreceiver_once"
            ),
        )

    def __str__(self) -> str:
        """Show the receiver's account."""
        return self.receiver


class Split(Errand):
    """One request to share a payment out, all its shares under one number."""

    class Status(models.TextChoices):
        """How far the split is."""

        CREATED = "created", _("prepared")
        SENT = "sent", _("sent to the acquirer")
        PROCESSING = "processing", _("being carried out")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        SUCCEEDED = "succeeded", _("done")
        PARTIAL = "partial", _("some shares were refused")
        FAILED = "failed", _("refused")

    class Finish(models.TextChoices):
        """Whether what is left of the payment was released for ourselves."""

        NONE = "", _("not asked for")
        WANTED = "wanted", _("to be released")
        DONE = "done", _("released")

    split_no = models.CharField(_("split number"), max_length=32, unique=True)
    split_key = models.CharField(
        _("split key"), max_length=128, unique=True, help_text=_("The same wish is one split.")
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="splits", verbose_name=_("payment")
    )
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    reference = models.CharField(_("for"), max_length=64, db_index=True)
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.CREATED
    )
    amount_minor = models.BigIntegerField(_("shared out"))
    acquirer_split_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    finish = models.CharField(
        _("rest"), max_length=10, choices=Finish.choices, default=Finish.NONE, blank=True
    )

    class Meta:
        """The same wish is one split; the acquirer's number stands for one."""

        verbose_name = _("split")
        verbose_name_plural = _("splits")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_split_amount_positive"
            ),
            models.UniqueConstraint(
                fields=("merchant", "acquirer_split_no"),
                condition=~Q(acquirer_split_no=""),
                name="payments_split_acquirer_no_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_split_due",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.split_no

    @property
    def amount(self) -> Money:
        """What all receivers are to get together."""
        return self.money(self.amount_minor)


class SplitShare(models.Model):
    """One receiver's part of a split, and whose drawer of the books it settles."""

    class Status(models.TextChoices):
        """Whether the receiver has it."""

        WAITING = "waiting", _("not paid yet")
        SUCCEEDED = "succeeded", _("paid")
        FAILED = "failed", _("refused")

    share_no = models.CharField(_("share number"), max_length=32, unique=True)
    share_key = models.CharField(_("share key"), max_length=128)
    split = models.ForeignKey(
        Split, on_delete=models.PROTECT, related_name="shares", verbose_name=_("split")
    )
    receiver = models.CharField(_("receiver"), max_length=64, db_index=True)
    ledger = models.JSONField(_("drawer in the books"), default=dict)
    amount_minor = models.BigIntegerField(_("amount"))
    back_committed_minor = models.BigIntegerField(_("taken back or to be"), default=0)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.WAITING
    )
    failure_code = models.CharField(_("reason of failure"), max_length=64, blank=True)
    failure_message = models.CharField(_("acquirer's words"), max_length=500, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        """A share is named once in its split; no more of it comes back than went out."""

        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ("split", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("split", "share_key"), name="payments_splitshare_key_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_splitshare_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(back_committed_minor__gte=0)
                & Q(back_committed_minor__lte=F("amount_minor")),
                name="payments_splitshare_back_within_amount",
            ),
        )
        indexes = (
            # Reconciliation asks for one day of what came true.
            models.Index(
                fields=("done_at",),
                condition=Q(done_at__isnull=False),
                name="payments_splitshare_done",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.share_no

    @property
    def amount(self) -> Money:
        """What the receiver gets."""
        return self.split.money(self.amount_minor)


class SplitReturn(Errand):
    """Taking one receiver's share back, whole or part, so that the payer can be refunded."""

    SENDABLE: ClassVar[str] = "created"

    class Status(models.TextChoices):
        """How far the return is."""

        WAITING = "waiting", _("waits for the share to be paid")
        CREATED = "created", _("prepared")
        SENT = "sent", _("sent to the acquirer")
        PROCESSING = "processing", _("being carried out")
        UNKNOWN = "unknown", _("no trustworthy answer yet")
        SUCCEEDED = "succeeded", pgettext_lazy("share", "taken back")
        FAILED = "failed", _("refused, advanced by us")
        VOID = "void", _("not needed, the share was never paid")

    return_no = models.CharField(_("return number"), max_length=32, unique=True)
    return_key = models.CharField(_("return key"), max_length=128, unique=True)
    share = models.ForeignKey(
        SplitShare, on_delete=models.PROTECT, related_name="returns", verbose_name=_("share")
    )
    refund = models.ForeignKey(
        Refund,
        on_delete=models.PROTECT,
        related_name="share_returns",
        null=True,
        blank=True,
        verbose_name=_("refund"),
    )
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.CREATED
    )
    amount_minor = models.BigIntegerField(_("amount"))
    acquirer_return_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    advanced_at = models.DateTimeField(_("advanced by us"), null=True, blank=True)

    class Meta:
        """The same wish is one return; the acquirer's number stands for one."""

        verbose_name = _("return of a share")
        verbose_name_plural = _("returns of shares")
        ordering = ("-pk",)
        permissions = (("retry_splitreturn", "Can ask again for a share that was not returned"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_splitreturn_amount_positive"
            ),
            models.UniqueConstraint(
                fields=("merchant", "acquirer_return_no"),
                condition=~Q(acquirer_return_no=""),
                name="payments_splitreturn_acquirer_no_once",
            ),
        )
        indexes = (
            models.Index(
                fields=("next_action_at",),
                condition=Q(next_action_at__isnull=False),
                name="payments_splitreturn_due",
            ),
            # Reconciliation asks for one day of what came true.
            models.Index(
                fields=("done_at",),
                condition=Q(done_at__isnull=False),
                name="payments_splitreturn_done",
            ),
        )

    def __str__(self) -> str:
        """Show our number."""
        return self.return_no

    @property
    def amount(self) -> Money:
        """What is taken back."""
        return self.money(self.amount_minor)
