"""Dry runs of offers over past orders, kept with who asked for them and what came out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.promotions.models import BankOffer
from payments.api import Edges


class Rehearsal(models.Model):
    """A dry run: an offer's rule tried on the orders of some past days. Nothing is given."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waits for its turn")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    EDGES: ClassVar[Edges] = {
        State.WAITING: frozenset({State.RUNNING}),
        State.RUNNING: frozenset({State.WAITING, State.DONE, State.FAILED}),
        State.DONE: frozenset(),
        State.FAILED: frozenset(),
    }

    offer = models.ForeignKey(
        BankOffer, on_delete=models.CASCADE, related_name="rehearsals", verbose_name=_("bank offer")
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    seen = models.PositiveIntegerField(_("orders looked at"), default=0)
    whole = models.PositiveIntegerField(_("orders in all"), default=0)
    asked_by = models.CharField(_("asked by"), max_length=150)
    asked_at = models.DateTimeField(_("asked at"))
    began_at = models.DateTimeField(_("began at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    result = models.JSONField(_("result"), default=dict)

    class Meta:
        """The newest first; days in their order."""

        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="offerdesk_rehearsal_days_in_order"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["waiting", "running"]),
                name="offerdesk_rehearsal_to_do",
            )
        ]

    def __str__(self) -> str:
        """Show offer and days."""
        return f"{self.offer_id}: {self.first_day} – {self.last_day}"

    @property
    def percent(self) -> int:
        """Return how much of it is done."""
        return 100 * self.seen // self.whole if self.whole else 0
