"""Calling a batch back: started by two people, carried out order by order, reported."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import Edges


class Recall(models.Model):
    """One batch called back. Sale stops when it is proposed; money goes back when it is started."""

    class Status(models.TextChoices):
        """How far it is."""

        PROPOSED = "proposed", _("waits for a second person")
        RUNNING = "running", _("being carried out")
        DONE = "done", _("carried out")
        WITHDRAWN = "withdrawn", _("not carried out")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.RUNNING, Status.WITHDRAWN}),
        Status.RUNNING: frozenset({Status.DONE}),
        # what failed is tried again
        Status.DONE: frozenset({Status.RUNNING}),
        Status.WITHDRAWN: frozenset(),
    }

    class Collected(models.TextChoices):
        """What those get who have taken the goods home already."""

        REFUND = "refund", _("All of their money")
        TELL = "tell", _("A message only")

    batch = models.ForeignKey(
        "mall_catalogue.Batch",
        on_delete=models.PROTECT,
        related_name="recalls",
        verbose_name=_("batch"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    reason = models.CharField(_("reason"), max_length=300)
    collected = models.CharField(
        _("goods taken home"),
        max_length=8,
        choices=Collected.choices,
        default=Collected.REFUND,
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="recalls_proposed",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recalls_started",
        verbose_name=_("started by"),
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    is_listed = models.BooleanField(_("all lines are written down"), default=False)

    class Meta:
        """One recall of a batch at a time, by two people."""

        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        ordering = ["-pk"]
        permissions = [("start_recall", "Can start a recall that another person proposed")]
        constraints = [
            models.UniqueConstraint(
                fields=["batch"],
                condition=~Q(status="withdrawn"),
                name="aftersales_recall_one_per_batch",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "withdrawn"])
                | Q(started_by__isnull=False) & ~Q(started_by=F("proposed_by")),
                name="aftersales_recall_two_people",
            ),
        ]

    def __str__(self) -> str:
        """Name the batch."""
        return str(self.batch)


class RecallLine(models.Model):
    """One order line that got goods of the batch, and what was done about it."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("to be done")
        REFUNDED = "refunded", _("refunded and told")
        TOLD = "told", _("told")
        NOTHING = "nothing", _("nothing was left to give back; told")
        FAILED = "failed", _("failed")

    recall = models.ForeignKey(
        Recall, on_delete=models.PROTECT, related_name="lines", verbose_name=_("recall")
    )
    line = models.ForeignKey(
        LineFulfilment,
        on_delete=models.PROTECT,
        related_name="recalls",
        verbose_name=_("order line"),
    )
    order = models.ForeignKey(
        OrderFulfilment, on_delete=models.PROTECT, related_name="recalls", verbose_name=_("order")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    minor = models.PositiveBigIntegerField(_("to the resident (fen)"), default=0)
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)
    was_collected = models.BooleanField(_("had been collected"), default=False)
    error = models.CharField(_("error"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), null=True, blank=True)

    class Meta:
        """A line is called back once."""

        verbose_name = _("order line called back")
        verbose_name_plural = _("order lines called back")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "line"], name="aftersales_recallline_once"),
        ]
        indexes = [
            models.Index(
                fields=["recall", "id"],
                condition=Q(state="waiting"),
                name="aftersales_recallline_to_do",
            ),
            models.Index(fields=["recall", "order"], name="aftersales_recallline_order"),
        ]

    def __str__(self) -> str:
        """Show what became of it."""
        return self.get_state_display()
