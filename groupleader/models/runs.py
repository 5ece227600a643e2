"""A run: many statements somebody at the desk started to cut or to pay, and how far it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from groupleader.models.parties import SupplierAccount
from groupleader.models.statements import SettlementStatement

_ONE_THING = (
    Q(statement__isnull=False, leader__isnull=True, supplier__isnull=True)
    | Q(statement__isnull=True, leader__isnull=False, supplier__isnull=True)
    | Q(statement__isnull=True, leader__isnull=True, supplier__isnull=False)
)


class DeskRun(models.Model):
    """What one person started at once; the worker does one row after the other."""

    class Kind(models.TextChoices):
        """What is done."""

        CUT = "cut", _("Statements are cut")
        PAY = "pay", _("Statements are paid")

    kind = models.CharField(pgettext_lazy("run", "what"), max_length=4, choices=Kind.choices)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("started by"),
    )
    asked_at = models.DateTimeField(_("started at"))

    class Meta:
        """The newest first."""

        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        """Show its number."""
        return f"#{self.pk}"


def _about(model: Any, label: Any) -> Any:
    return models.ForeignKey(
        model, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=label
    )


class DeskRunRow(models.Model):
    """One of a run: a statement to be paid, or somebody to be settled; what became of it."""

    class Outcome(models.TextChoices):
        """What became of its turn."""

        WAITING = "waiting", _("Waits for its turn")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Not done")

    run = models.ForeignKey(
        DeskRun, on_delete=models.PROTECT, related_name="rows", verbose_name=_("run")
    )
    statement = _about(SettlementStatement, _("statement"))
    leader = _about(Leader, _("leader"))
    supplier = _about(SupplierAccount, _("supplier"))
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome.choices, default=Outcome.WAITING
    )
    code = models.CharField(_("why not"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"), null=True)

    class Meta:
        """Each is about one thing, and a statement waits in one run at a time."""

        verbose_name = _("row of a run")
        verbose_name_plural = _("rows of runs")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="groupleader_runrow_one_thing", condition=_ONE_THING),
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=Q(outcome="waiting"),
                    name=f"groupleader_runrow_{name}",
                )
                for name in ("statement", "leader", "supplier")
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(outcome="waiting"), name="groupleader_runrow_to_do"
            )
        ]

    def __str__(self) -> str:
        """Show what it is about."""
        return str(self.statement or self.leader or self.supplier)
