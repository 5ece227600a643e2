"""The transfers that pay a statement: one live attempt at a time."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.statements import SettlementStatement
from payments.api import Edges


class Payout(models.Model):
    """One attempt to pay a statement; another may start only when this one definitely failed."""

    class Status(models.TextChoices):
        """What we know of the transfer; unknown is not failed and blocks another attempt."""

        NEW = "new", _("To be sent")
        SENT = "sent", _("Sent to the bank")
        UNKNOWN = "unknown", _("Waiting for the bank's answer")
        SUCCEEDED = "succeeded", _("Paid")
        FAILED = "failed", _("Failed")
        RETURNED = "returned", _("Sent back by the bank")

    EDGES: ClassVar[Edges] = {
        Status.NEW: frozenset({Status.SENT, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
        Status.SENT: frozenset({Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED}),
        Status.UNKNOWN: frozenset({Status.SENT, Status.SUCCEEDED, Status.FAILED}),
        Status.SUCCEEDED: frozenset({Status.RETURNED}),
        Status.FAILED: frozenset({Status.SUCCEEDED}),  # a bank may correct itself
        Status.RETURNED: frozenset(),
    }
    LIVE: ClassVar[tuple[str, ...]] = (Status.NEW, Status.SENT, Status.UNKNOWN, Status.SUCCEEDED)

    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        related_name="payouts",
        verbose_name=_("statement"),
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"))
    transfer_no = models.CharField(_("transfer number"), max_length=32, unique=True)
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
        """At most one live attempt per statement."""

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
            models.CheckConstraint(
                name="groupleader_payout_positive", condition=Q(amount_minor__gt=0)
            ),
        ]

    def __str__(self) -> str:
        """Show the transfer's number."""
        return self.transfer_no
