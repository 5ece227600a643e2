"""What does not agree: found by the comparison, decided by two people, never forgotten."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.kernel.money import Money
from payments.kernel.state import Edges
from payments.reconciliation.models.bills import Bill, BillLine
from payments.reconciliation.models.kinds import Discrepancy, RecordKind

__all__ = ["CaseStep", "Discrepancy", "Finding", "ReconciliationCase", "RecordKind"]


# Money that comes to us; everything else of a statement leaves us.
COMES_IN = frozenset({RecordKind.PAY, RecordKind.SPLIT_RETURN, RecordKind.SETTLEMENT})


class BothSides(models.Model):
    """One record as the statement has it and as we have it; a side that is missing says nothing.

    Amounts are in minor units and never negative (a settlement's may be); fees are what the
    acquirer keeps, negative where it gives some back.
    """

    record_kind = models.CharField(_("kind"), max_length=20, choices=RecordKind.choices)
    discrepancy = models.CharField(_("difference"), max_length=20, choices=Discrepancy.choices)
    own_no = models.CharField(_("our number"), max_length=64, blank=True)
    acquirer_no = models.CharField(_("acquirer's number"), max_length=64, blank=True)
    related_no = models.CharField(_("belongs to"), max_length=64, blank=True)
    party = models.CharField(_("party"), max_length=64, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    bill_amount_minor = models.BigIntegerField(_("amount in the bill"), null=True, blank=True)
    bill_fee_minor = models.BigIntegerField(_("fee in the bill"), null=True, blank=True)
    bill_outcome = models.CharField(_("outcome in the bill"), max_length=20, blank=True)
    ours_amount_minor = models.BigIntegerField(_("our amount"), null=True, blank=True)
    ours_fee_minor = models.BigIntegerField(_("our fee"), null=True, blank=True)
    ours_status = models.CharField(_("our status"), max_length=24, blank=True)
    is_done_here = models.BooleanField(_("done by our books"), default=False)
    ordinal = models.PositiveIntegerField(
        _("which of several"), default=1, help_text=_("Counts lines under one number.")
    )

    class Meta:
        """A shape shared by findings and cases, no table of its own."""

        abstract = True

    @property
    def bill_amount(self) -> Money | None:
        """What the statement says, None where it has no such record."""
        minor = self.bill_amount_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def ours_amount(self) -> Money | None:
        """What we say, None where we have no such record."""
        minor = self.ours_amount_minor
        return None if minor is None else Money(minor, self.currency)

    @property
    def surplus_minor(self) -> int:
        """What is there and not in our books (长款), negative where it is missing (短款)."""
        sign = 1 if self.record_kind in COMES_IN else -1
        there = sign * (self.bill_amount_minor or 0) if self.bill_outcome == "succeeded" else 0
        here = sign * (self.ours_amount_minor or 0) if self.is_done_here else 0
        # An account without a contract's rate books the fees of a whole bill at once.
        has_own_fees = self.ours_fee_minor is not None
        fees = (self.bill_fee_minor or 0) - (self.ours_fee_minor or 0) if has_own_fees else 0
        return there - here - fees


class Finding(BothSides):
    """The worksheet of one comparison: what did not agree, written anew each time it is run."""

    # In the place of a class: a fee off by no more than the tolerance, which is no case.
    TOLERATED: ClassVar[str] = "tolerated"

    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="findings", verbose_name=_("bill")
    )
    line_id = models.BigIntegerField(_("line"), null=True, blank=True)

    class Meta:
        """Read in the order it was written."""

        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Show what differs and where."""
        return f"{self.discrepancy} {self.own_no}"


class ReconciliationCase(BothSides):
    """One difference and what became of it. The same difference has the same number for ever."""

    class State(models.TextChoices):
        """How far the case is."""

        FOUND = "found", _("being asked about")
        POOLED = "pooled", _("waiting for the next bills")
        OPEN = "open", _("waiting for a proposal")
        PROPOSED = "proposed", _("waiting for a second person")
        HUNG = "hung", _("hung up in the books")
        CLOSED = "closed", pgettext_lazy("case", "closed")

    class Action(models.TextChoices):
        """What people may decide."""

        BELIEVE_BILL = "believe_bill", _("believe the bill: book what it says happened")
        ACCEPT_BILL = "accept_bill", _("book the difference as ours")
        HANG_UP = "hang_up", _("hang it up in the books until it is clear")
        RETURN_MONEY = "return_money", _("the money went back to where it came from")
        FOUND_LATER = "found_later", _("the missing money arrived")
        WRITE_OFF = "write_off", _("give up waiting: book what hangs as loss or gain")
        IGNORE_KNOWN = "ignore_known", _("known and harmless: nothing to book")
        REVERSE = "reverse", _("take the earlier decision back")

    class Resolution(models.TextChoices):
        """How a case came to its end."""

        DECIDED = "decided", _("decided by two people")
        ASKED = "asked", _("agrees since we asked the acquirer")
        LATER_BILL = "later_bill", _("found in a bill of another day")
        REPLACED = "replaced", _("gone in a newer version of the bill")
        TOLERATED = "tolerated", _("within the tolerance, booked by itself")
        RETURNED = "returned", _("the return of money decided in another case")

    EDGES: ClassVar[Edges] = {
        State.FOUND: frozenset({State.POOLED, State.OPEN, State.CLOSED}),
        State.POOLED: frozenset({State.OPEN, State.CLOSED}),
        State.OPEN: frozenset({State.PROPOSED, State.CLOSED}),
        State.PROPOSED: frozenset({State.OPEN, State.HUNG, State.CLOSED}),
        State.HUNG: frozenset({State.PROPOSED}),
        State.CLOSED: frozenset({State.FOUND, State.PROPOSED}),
    }
    # Nobody has decided yet: the comparison may still close these by itself.
    UNDECIDED = (State.FOUND, State.POOLED, State.OPEN, State.PROPOSED)
    # A person's work.
    WAITING = (State.FOUND, State.OPEN, State.PROPOSED)

    case_no = models.CharField(_("case"), max_length=32, unique=True)
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="cases", verbose_name=_("bill")
    )
    line = models.ForeignKey(
        BillLine,
        on_delete=models.PROTECT,
        related_name="cases",
        null=True,
        blank=True,
        db_constraint=False,
        verbose_name=_("line of the bill"),
    )
    account_code = models.CharField(_("account"), max_length=40)
    merchant = models.CharField(_("acquirer and merchant number"), max_length=110)
    day = models.DateField(_("acquirer's day"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.FOUND)
    pool_until = models.DateField(_("waits for bills until"), null=True, blank=True)
    asks = models.PositiveIntegerField(_("times asked"), default=0)
    asked_at = models.DateTimeField(_("last asked"), null=True, blank=True)
    next_ask_at = models.DateTimeField(_("next question"), null=True, blank=True)
    answer = models.JSONField(_("what the acquirer answered"), default=dict, blank=True)
    owner = models.CharField(_("taken care of by"), max_length=150, blank=True)
    action = models.CharField(
        pgettext_lazy("case", "action"), max_length=20, choices=Action.choices, blank=True
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    proposed_by = models.CharField(_("proposed by"), max_length=150, blank=True)
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    hung_minor = models.BigIntegerField(
        _("hung up"),
        default=0,
        help_text=_("Positive: money we hold for somebody (2901). Negative: missing (1901)."),
    )
    round = models.PositiveIntegerField(_("decisions booked"), default=0)
    resolution = models.CharField(
        _("resolution"), max_length=20, choices=Resolution.choices, blank=True
    )
    closed_at = models.DateTimeField(pgettext_lazy("case", "closed at"), null=True, blank=True)
    created_at = models.DateTimeField(pgettext_lazy("date", "found"))

    class Meta:
        """Two people decide; what hangs is written as hanging."""

        verbose_name = _("reconciliation case")
        verbose_name_plural = _("reconciliation cases")
        ordering = ("-day", "pk")
        permissions = (
            ("decide_reconciliationcase", _("Can decide what another person proposed for a case")),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("proposed_by")),
                name="reconciliation_case_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed") | (~Q(action="") & ~Q(proposed_by="")),
                name="reconciliation_case_proposal_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="hung") | ~Q(hung_minor=0),
                name="reconciliation_case_hung_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(hung_minor=0) & ~Q(resolution="")),
                name="reconciliation_case_closed_with_reason",
            ),
        )
        indexes = (
            models.Index(fields=("bill", "state"), name="reconciliation_case_bill"),
            models.Index(fields=("own_no", "record_kind"), name="reconciliation_case_number"),
            models.Index(
                fields=("next_ask_at",),
                condition=Q(next_ask_at__isnull=False),
                name="reconciliation_case_to_ask",
            ),
            models.Index(
                fields=("state", "day"),
                condition=~Q(state="closed"),
                name="reconciliation_case_alive",
            ),
        )

    def __str__(self) -> str:
        """Show the number."""
        return self.case_no


class CaseStep(models.Model):
    """One step in a case's life; the database refuses to change or delete it."""

    class What(models.TextChoices):
        """What happened to the case."""

        FOUND = "found", _("found")
        POOLED = "pooled", _("left for the next bills")
        OPENED = "opened", _("given to a person")
        TAKEN = "taken", _("taken in hand")
        NOTED = "noted", pgettext_lazy("case", "remark")
        PROPOSED = "proposed", _("proposed")
        REJECTED = "rejected", _("proposal refused")
        DECIDED = "decided", pgettext_lazy("case", "decided")
        TOLERATED = "tolerated", _("booked within the tolerance")
        CLOSED = "closed", _("over")

    case = models.ForeignKey(
        ReconciliationCase, on_delete=models.PROTECT, related_name="steps", verbose_name=_("case")
    )
    what = models.CharField(_("step"), max_length=20, choices=What.choices)
    from_state = models.CharField(
        _("from state"), max_length=20, choices=ReconciliationCase.State.choices, blank=True
    )
    to_state = models.CharField(
        _("to state"), max_length=20, choices=ReconciliationCase.State.choices
    )
    by = models.CharField(
        _("by"), max_length=150, blank=True, help_text=_("Empty: done by the system itself.")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    data = models.JSONField(_("figures"), default=dict, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        """Oldest first: a story."""

        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Show the step."""
        return f"{self.what} {self.from_state} -> {self.to_state}"
