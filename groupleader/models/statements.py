"""Settlement: a leader's or supplier's statement of a period, and its history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.leaders import Leader
from groupleader.models.parties import SupplierAccount
from payments.api import Edges

ONE_PARTY = Q(leader__isnull=False, supplier__isnull=True) | Q(
    leader__isnull=True, supplier__isnull=False
)


class OfParty(models.Model):
    """What belongs to exactly one leader or one supplier."""

    leader: Any
    supplier: Any

    class Meta:
        """The columns are each model's own, for the names under which the party finds them."""

        abstract = True

    @property
    def party(self) -> Leader | SupplierAccount:
        """Return whose it is."""
        party: Leader | SupplierAccount = self.leader or self.supplier
        return party


class SettlementStatement(OfParty):
    """What a party is due for a period: the sum of its lines, less tax; closed once issued."""

    class Status(models.TextChoices):
        """Who has to act next."""

        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Waiting for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        DISPUTED = "disputed", _("Disputed")
        ANSWERED = "answered", _("Answered, waiting for confirmation")
        APPROVED = "approved", _("Approved")
        PAYING = "paying", _("Being paid")
        PAID = "paid", _("Paid out")
        FAILED = "failed", _("Payment failed")

    EDGES: ClassVar[Edges] = {
        Status.DRAFT: frozenset({Status.ISSUED}),
        Status.ISSUED: frozenset({Status.CONFIRMED, Status.DISPUTED}),
        Status.DISPUTED: frozenset({Status.ANSWERED, Status.CONFIRMED}),
        Status.ANSWERED: frozenset({Status.CONFIRMED, Status.DISPUTED}),
        Status.CONFIRMED: frozenset({Status.APPROVED}),
        # Where deductions leave nothing to transfer it is paid the moment it is approved.
        Status.APPROVED: frozenset({Status.PAYING, Status.PAID}),
        # Back to approved: a batch was cancelled before anybody had its file in hands.
        Status.PAYING: frozenset({Status.PAID, Status.FAILED, Status.APPROVED}),
        Status.FAILED: frozenset({Status.PAYING, Status.PAID}),
        Status.PAID: frozenset({Status.FAILED}),  # the bank sent the money back
    }

    ASKED: ClassVar[tuple[str, ...]] = (Status.ISSUED, Status.ANSWERED)

    statement_no = models.CharField(_("statement number"), max_length=20, unique=True)
    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="statements",
        verbose_name=_("leader"),
    )
    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="statements",
        verbose_name=_("supplier"),
    )
    period = models.CharField(_("period"), max_length=24)
    since = models.DateTimeField(
        _("from"), null=True, help_text=_("Where the statement before it ended.")
    )
    until = models.DateTimeField(_("up to"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.DRAFT
    )
    gross_minor = models.BigIntegerField(_("gross (fen)"), null=True)
    tax_minor = models.BigIntegerField(_("tax withheld (fen)"), null=True)
    deductions_minor = models.BigIntegerField(_("other deductions (fen)"), null=True)
    net_minor = models.BigIntegerField(_("net (fen)"), null=True)
    tax_regime = models.CharField(_("taxed as"), max_length=24, choices=Leader.Regime.choices)
    tax_date = models.DateField(_("tax day"), null=True)
    issued_at = models.DateTimeField(_("issued at"), null=True)
    asked_at = models.DateTimeField(_("asked at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    dispute = models.CharField(_("dispute"), max_length=400, blank=True)
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("first approval by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    created_at = models.DateTimeField(_("cut at"))

    class Meta:
        """One statement per leader and period; the amounts are frozen together, at issue."""

        verbose_name = _("settlement statement")
        verbose_name_plural = _("settlement statements")
        ordering = ["-until", "-pk"]
        permissions = [
            ("approve_settlementstatement", _("Can approve statements")),
            ("pay_settlementstatement", _("Can start payouts")),
        ]
        indexes = [models.Index(fields=["status", "asked_at"], name="groupleader_statement_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["leader", "period"], name="groupleader_statement_period"
            ),
            models.UniqueConstraint(
                fields=["supplier", "period"], name="groupleader_statement_supplier"
            ),
            models.CheckConstraint(name="groupleader_statement_party", condition=ONE_PARTY),
            models.CheckConstraint(
                name="groupleader_statement_adds_up",
                condition=Q(
                    status="draft",
                    gross_minor__isnull=True,
                    tax_minor__isnull=True,
                    deductions_minor__isnull=True,
                    net_minor__isnull=True,
                )
                | (
                    Q(gross_minor=F("net_minor") + F("tax_minor") + F("deductions_minor"))
                    & Q(gross_minor__gt=0, tax_minor__gte=0, deductions_minor__gte=0)
                    & Q(net_minor__gte=0, issued_at__isnull=False, tax_date__isnull=False)
                    # What compares with nothing is neither true nor false, and a CHECK lets it by.
                    & Q(
                        gross_minor__isnull=False,
                        tax_minor__isnull=False,
                        deductions_minor__isnull=False,
                        net_minor__isnull=False,
                    )
                    & ~Q(status="draft")
                ),
            ),
            models.CheckConstraint(
                name="groupleader_statement_four_eyes",
                condition=Q(first_approved_by__isnull=True)
                | Q(approved_by__isnull=True)
                | ~Q(first_approved_by=F("approved_by")),
            ),
        ]

    def __str__(self) -> str:
        """Show whose and for when."""
        return f"{self.party} {self.period}"


class StatementEvent(models.Model):
    """One line of a statement's history: who moved it, when, and what they said."""

    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        related_name="events",
        verbose_name=_("statement"),
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        help_text=_("Empty when the system did it."),
    )
    what = models.CharField(_("what"), max_length=24)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        """In the order it happened."""

        verbose_name = _("statement event")
        verbose_name_plural = _("statement events")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show what happened."""
        return self.what
