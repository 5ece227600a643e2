"""What went back of an order line, once per reason: pieces that are gone, or fen off what stays."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models.lines import LineFulfilment


class LineBack(models.Model):
    """One part of a line that is not owed any more, with the refund that pays for it."""

    class Why(models.TextChoices):
        """Why something of a line goes back."""

        RESIDENT = "resident", _("Taken off by the resident")
        NOT_FORMED = "not_formed", _("The group did not form")
        STAFF = "staff", _("Taken off by the mall")
        TIER = "tier", _("A lower price was reached")
        LOT = "lot", _("No full case came together")
        MOVED = "moved", _("Cheaper where it was moved to")
        SHORTAGE = "shortage", _("Did not come")
        WEIGHT = "weight", _("Lighter than estimated")
        CASE = "case", _("After-sales")
        OVERDUE = "overdue", _("Not collected in time")
        RECALL = "recall", _("Called back")

    line = models.ForeignKey(
        LineFulfilment, on_delete=models.PROTECT, related_name="backs", verbose_name=_("line")
    )
    key = models.CharField(_("wish"), max_length=110)
    refund_no = models.CharField(_("refund"), max_length=32, db_index=True)
    why = models.CharField(_("reason"), max_length=12, choices=Why.choices)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    value_minor = models.PositiveBigIntegerField(_("value (fen)"))
    payer_minor = models.PositiveBigIntegerField(_("of it to the resident (fen)"))
    cost_minor = models.PositiveBigIntegerField(_("not owed to the supplier (fen)"), default=0)
    at = models.DateTimeField(_("at"))

    class Meta:
        """A wish takes of each line once for each reason."""

        verbose_name = _("part that went back")
        verbose_name_plural = _("parts that went back")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "key", "why"], name="ordering_lineback_once"),
            models.CheckConstraint(
                condition=Q(payer_minor__lte=F("value_minor"))
                & (Q(value_minor__gt=0) | Q(quantity__gt=0)),
                name="ordering_lineback_pays_for_something",
            ),
        ]

    def __str__(self) -> str:
        """Show why and how much."""
        return f"{self.why} {self.value_minor}"
