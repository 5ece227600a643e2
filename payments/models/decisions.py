"""Decisions: what one person proposes about money that is stuck, and another lets happen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money


class Decision(models.Model):
    """A proposal about held money or a refused refund; maker and checker are two people."""

    class Kind(models.TextChoices):
        """What is to happen."""

        HELD_RETURN = "held_return", _("return the held money to where it came from")
        HELD_RELEASE = "held_release", _("release: nothing wrong came")
        REFUND_BY_HAND = "refund_by_hand", _("the refund was paid by hand")
        ADVANCE_REPAID = "advance_repaid", _("the receiver repaid what we advanced")

    class Status(models.TextChoices):
        """How far the decision is."""

        PROPOSED = "proposed", _("waits for a second person")
        CARRIED_OUT = "carried_out", _("carried out")
        REJECTED = "rejected", _("rejected")

    decision_no = models.CharField(_("decision number"), max_length=32, unique=True)
    kind = models.CharField(_("decision"), max_length=20, choices=Kind.choices)
    subject_no = models.CharField(_("number"), max_length=64, db_index=True)
    amount_minor = models.BigIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    acquirer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = models.CharField(_("proposed by"), max_length=64)
    proposed_at = models.DateTimeField(pgettext_lazy("date", "proposed"))
    decided_by = models.CharField(_("decided by"), max_length=64, blank=True)
    decided_at = models.DateTimeField(pgettext_lazy("date", "decided"), null=True, blank=True)

    class Meta:
        """One open proposal per number; nobody decides what she proposed."""

        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("-pk",)
        permissions = (
            ("propose_decision", "Can propose what happens to stuck money"),
            ("carry_out_decision", "Can decide what another proposed about stuck money"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("subject_no", "acquirer_no"),
                condition=Q(status="proposed"),
                name="payments_decision_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(status="carried_out")
                | (~Q(decided_by="") & ~Q(decided_by=F("proposed_by"))),
                name="payments_decision_two_people",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="payments_decision_amount_not_negative"
            ),
        )

    def __str__(self) -> str:
        """Show number and kind."""
        return f"{self.decision_no} {self.kind}"

    @property
    def amount(self) -> Money:
        """How much it is about."""
        return Money(self.amount_minor, self.currency)
