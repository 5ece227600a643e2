"""What a statement holds besides commission: responsibility, fees, and corrections by staff."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groupleader.models.leaders import Leader
from groupleader.models.parties import SupplierAccount
from groupleader.models.statements import ONE_PARTY, OfParty, SettlementStatement
from payments.api import Edges


class Deduction(OfParty):
    """What is taken off a statement after tax; what does not fit waits for the next one.

    One that fits only in part is cut in two: the part taken names the rest in `part_of`, so that
    a deduction and its parts always sum to `whole_minor` of the first.
    """

    class Kind(models.TextChoices):
        """Why it is taken off."""

        CASE = "case", _("Responsibility for a complaint")
        FEE = "fee", _("Transfer fee")
        SERVICE = "service", _("Service fee")

    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="deductions",
        verbose_name=_("leader"),
    )
    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="deductions",
        verbose_name=_("supplier"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    key = models.CharField(_("what it is of"), max_length=100, unique=True)
    amount_minor = models.BigIntegerField(_("amount (fen)"))
    whole_minor = models.BigIntegerField(_("whole amount (fen)"))
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="parts",
        verbose_name=_("part of"),
    )
    case_no = models.CharField(_("case"), max_length=32, blank=True, db_index=True)
    order_no = models.CharField(_("order number"), max_length=32, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        null=True,
        related_name="deductions",
        verbose_name=_("statement"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """In the order in which they are taken."""

        verbose_name = _("deduction")
        verbose_name_plural = _("deductions")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["leader", "statement"], name="groupleader_deduction_leader"),
            models.Index(fields=["supplier", "statement"], name="groupleader_deduction_supplier"),
        ]
        constraints = [
            models.CheckConstraint(name="groupleader_deduction_party", condition=ONE_PARTY),
            models.CheckConstraint(
                name="groupleader_deduction_positive",
                condition=Q(amount_minor__gt=0, whole_minor__gte=models.F("amount_minor")),
            ),
        ]

    def __str__(self) -> str:
        """Show why, and of which case."""
        return f"{self.get_kind_display()} {self.case_no}".strip()


class Correction(OfParty):
    """What staff give or take because a closed statement was wrong: a line of the next one.

    It is income like the line it corrects: taxed with it, positive in the party's favour.
    """

    class Status(models.TextChoices):
        """Whether it counts yet."""

        PROPOSED = "proposed", _("Waiting for a second person")
        APPROVED = "approved", _("Counts")
        REFUSED = "refused", _("Refused")

    EDGES: ClassVar[Edges] = {
        Status.PROPOSED: frozenset({Status.APPROVED, Status.REFUSED}),
    }

    leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        verbose_name=_("leader"),
    )
    supplier = models.ForeignKey(
        SupplierAccount,
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        verbose_name=_("supplier"),
    )
    correction_no = models.CharField(_("correction number"), max_length=32, unique=True)
    amount_minor = models.BigIntegerField(
        _("amount (fen)"), help_text=_("Below zero: it is taken back.")
    )
    reason = models.CharField(_("reason"), max_length=400)
    about = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        null=True,
        related_name="corrected_by",
        verbose_name=_("corrects statement"),
    )
    key = models.CharField(_("asked for as"), max_length=64, unique=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    needs_two = models.BooleanField(_("needs a second person"))
    statement = models.ForeignKey(
        SettlementStatement,
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        verbose_name=_("statement"),
    )

    class Meta:
        """Only what was approved goes into a statement; a large one by two people."""

        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-pk"]
        permissions = [("approve_correction", _("Can approve corrections"))]
        indexes = [
            models.Index(fields=["leader", "status"], name="groupleader_correction_leader"),
            models.Index(fields=["supplier", "status"], name="groupleader_correction_suppl"),
        ]
        constraints = [
            models.CheckConstraint(name="groupleader_correction_party", condition=ONE_PARTY),
            models.CheckConstraint(
                name="groupleader_correction_not_nothing", condition=~Q(amount_minor=0)
            ),
            models.CheckConstraint(
                name="groupleader_correction_settled",
                condition=Q(statement__isnull=True) | Q(status="approved"),
            ),
            models.CheckConstraint(
                name="groupleader_correction_two",
                condition=~Q(status="approved")
                | Q(needs_two=False)
                | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        """Show its number."""
        return self.correction_no
