"""Errands: what we ask an acquirer to do with money that is already ours to move."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money


class Errand(models.Model):
    """A refund, a transfer, a split or its return: sent under our number until an answer is sure.

    Retried with the same number always; a silence is UNKNOWN and never a failure. Each kind says
    its own states; the edges between them, numbered, are data in payments.services.errand_machines.
    """

    # The state from which this kind is sent, and those in which it is asked about, not sent anew.
    SENDABLE: ClassVar[str] = "created"
    ASKABLE: ClassVar[tuple[str, ...]] = ("sent", "processing", "unknown")
    # Definite ends after which an acquirer may still say something else.
    REFUSED: ClassVar[tuple[str, ...]] = ("failed",)

    status = models.CharField(_("status"), max_length=24)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    failure_code = models.CharField(_("reason of failure"), max_length=64, blank=True)
    failure_message = models.CharField(_("acquirer's words"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    next_action_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """A shape shared by refunds, transfers, splits and their returns; no table of its own."""

        abstract = True

    def money(self, minor: int) -> Money:
        """Return minor units as money of this errand's currency."""
        return Money(minor, self.currency)


class ErrandStep(models.Model):
    """One step in an errand's life: which edge, from where to where, the evidence or the person."""

    errand_no = models.CharField(_("number"), max_length=32, db_index=True)
    edge = models.CharField(_("edge"), max_length=4)
    from_status = models.CharField(pgettext_lazy("edge", "from"), max_length=24, blank=True)
    to_status = models.CharField(pgettext_lazy("edge", "to"), max_length=24)
    fact = models.ForeignKey(
        "payments.ChannelFact",
        on_delete=models.PROTECT,
        related_name="errand_steps",
        null=True,
        blank=True,
        verbose_name=_("evidence"),
    )
    by = models.CharField(_("person"), max_length=64, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """Nobody calls an errand of the acquirer's done without evidence."""

        verbose_name = _("errand step")
        verbose_name_plural = _("errand steps")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(to_status="succeeded") | Q(fact__isnull=False) | Q(from_status=""),
                name="payments_errandstep_success_has_evidence",
            ),
        )

    def __str__(self) -> str:
        """Show the edge."""
        return f"{self.edge} {self.from_status} -> {self.to_status}"
