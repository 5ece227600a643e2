"""The operator's own money: put into the bank account by one person, confirmed by another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money
from payments.kernel.state import Edges


class OwnFunds(models.Model):
    """One deposit of the operator's own money. It is booked when a second person confirms it."""

    class Status(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("waits for a second person")
        CONFIRMED = "confirmed", pgettext_lazy("deposit", "booked")
        REFUSED = "refused", _("refused")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.CONFIRMED, Status.REFUSED}),
        Status.CONFIRMED: frozenset(),
        Status.REFUSED: frozenset(),
    }

    key = models.CharField(
        pgettext_lazy("deposit", "key"),
        max_length=64,
        unique=True,
        help_text=_(
            "What tells this deposit from others: the bank's receipt number, or “opening”."
        ),
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    reason = models.CharField(_("reason"), max_length=200)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = models.CharField(_("entered by"), max_length=150)
    proposed_at = models.DateTimeField(_("entered at"))
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        """Two persons, and never nothing."""

        verbose_name = _("own funds")
        verbose_name_plural = _("own funds")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payments_ownfunds_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed") | ~Q(decided_by=F("proposed_by")),
                name="payments_ownfunds_two_persons",
            ),
        )
        permissions = (("confirm_ownfunds", _("Can confirm own funds that another entered")),)

    def __str__(self) -> str:
        """Show the key."""
        return self.key

    @property
    def amount(self) -> Money:
        """What was put into the bank account."""
        return Money(self.amount_minor, self.currency)
