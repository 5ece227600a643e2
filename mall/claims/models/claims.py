"""A month's claim on a bank or an authority for one campaign, and the lines it is the sum of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.api import Edges


class SubsidyClaim(models.Model):
    """What a giver owes for one campaign's discounts of one month. Frozen when it is issued."""

    class Status(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", _("draft")
        ISSUED = "issued", _("issued")
        SENT = "sent", _("sent to the bank")
        PART_PAID = "part_paid", _("paid in part")
        PAID = "paid", _("paid")
        CLOSED = "closed", pgettext_lazy("claim", "closed")

    EDGES: ClassVar[Edges] = {
        Status.DRAFT: frozenset({Status.ISSUED}),
        Status.ISSUED: frozenset({Status.SENT, Status.PART_PAID, Status.PAID}),
        Status.SENT: frozenset({Status.PART_PAID, Status.PAID}),
        Status.PART_PAID: frozenset({Status.PAID}),
        Status.PAID: frozenset({Status.PART_PAID, Status.CLOSED}),
        Status.CLOSED: frozenset(),
    }
    OPEN: ClassVar[tuple[str, ...]] = (Status.ISSUED, Status.SENT, Status.PART_PAID)

    giver = models.CharField(_("bank or authority"), max_length=64)
    campaign = models.CharField(_("campaign"), max_length=64)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    name = models.CharField(_("offer"), max_length=80, blank=True)
    owner = models.ForeignKey(
        "banks.BankUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name=_("bank unit"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    claim_no = models.CharField(_("claim number"), max_length=80, blank=True)

    # what its lines come to (fen)
    line_count = models.PositiveIntegerField(_("lines"), default=0)
    given_minor = models.BigIntegerField(_("discounts given (fen)"), default=0)
    returned_minor = models.BigIntegerField(_("given back (fen)"), default=0)
    again_minor = models.BigIntegerField(_("claimed again (fen)"), default=0)
    amount_minor = models.BigIntegerField(_("amount (fen)"), default=0)
    # what of its lines lay in 2131, because their discounts had been paid for
    to_return_minor = models.BigIntegerField(_("of goods returned after payment (fen)"), default=0)
    sha256 = models.CharField(_("SHA-256 of the lines"), max_length=64, blank=True)

    # what the books say, when it was drafted
    ledger_minor = models.BigIntegerField(_("receivable's movement (fen)"), default=0)
    ledger_legs = models.PositiveIntegerField(_("legs in the books"), default=0)
    # [{"ref": journal, "books": fen, "papers": fen or null}], the first ones
    differences = models.JSONField(_("differing journals"), default=list, blank=True)

    # what came of it (fen)
    received_minor = models.BigIntegerField(_("received (fen)"), default=0)
    disputed_minor = models.BigIntegerField(_("disputed (fen)"), default=0)

    # who did what; the database wants two persons
    drafted_at = models.DateTimeField(_("drafted at"))
    prepared_by = models.CharField(_("checked by"), max_length=150, blank=True)
    prepared_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    issued_by = models.CharField(_("issued by"), max_length=150, blank=True)
    issued_at = models.DateTimeField(_("issued at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("claim", "closed at"), null=True, blank=True)

    class Meta:
        """One claim per campaign and month; two persons; the parts make the amount."""

        verbose_name = _("subsidy claim")
        verbose_name_plural = _("subsidy claims")
        ordering = ["-month", "giver", "campaign"]
        permissions = (
            ("issue_subsidyclaim", _("Can issue claims another checked, and settle disputes")),
        )
        constraints = [
            models.UniqueConstraint(
                fields=["giver", "campaign", "month"], name="claims_subsidyclaim_one_a_month"
            ),
            models.UniqueConstraint(
                fields=["claim_no"],
                condition=~Q(claim_no=""),
                name="claims_subsidyclaim_number_once",
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | (~Q(prepared_by="") & ~Q(issued_by="") & ~Q(issued_by=F("prepared_by"))),
                name="claims_subsidyclaim_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | (~Q(claim_no="") & ~Q(sha256="")),
                name="claims_subsidyclaim_numbered_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=F("given_minor") - F("returned_minor") + F("again_minor")),
                name="claims_subsidyclaim_parts_make_amount",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(ledger_minor=F("amount_minor") - F("again_minor")),
                name="claims_subsidyclaim_equals_the_books",
            ),
            models.CheckConstraint(
                condition=Q(disputed_minor__gte=0), name="claims_subsidyclaim_disputed_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(
                    received_minor__gte=0,
                    amount_minor__gte=F("received_minor") + F("disputed_minor"),
                )
                | Q(amount_minor__lt=0, received_minor__gte=F("amount_minor")),
                name="claims_subsidyclaim_gets_no_more_than_is_due",
            ),
        ]
        indexes = [models.Index(fields=["month", "giver"], name="claims_claim_by_month")]

    def __str__(self) -> str:
        """Show the number, or what it will be about."""
        return self.claim_no or f"{self.giver} {self.campaign} {self.month:%Y-%m}"

    @property
    def due_minor(self) -> int:
        """Return what is still to come, in fen; negative where we owe."""
        return self.amount_minor - self.disputed_minor - self.received_minor

    @property
    def is_equal(self) -> bool:
        """Tell whether its lines are what the books say, journal by journal."""
        own = self.amount_minor - self.again_minor
        return own == self.ledger_minor and not self.differences


class ClaimLine(models.Model):
    """One payment's discount in a claim, less what came back of it in the month."""

    class Kind(models.TextChoices):
        """What the line is about."""

        ORDER = "order", _("order of the month")
        RETURN = "return", _("goods of an earlier month came back")
        REDEMPTION = "redemption", _("voucher redeemed at a merchant's")
        AGAIN = "again", _("disputed before, claimed again")

    claim = models.ForeignKey(
        SubsidyClaim, on_delete=models.PROTECT, related_name="lines", verbose_name=_("claim")
    )
    number = models.PositiveIntegerField(_("line"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # the payment's number, or the redemption's: once in a claim, but for what is claimed again
    subject_no = models.CharField(_("payment or redemption"), max_length=64)
    order_no = models.CharField(_("order"), max_length=64, blank=True, db_index=True)
    last4 = models.CharField(_("card"), max_length=4, blank=True)
    day = models.DateField(_("day"))
    goods_minor = models.BigIntegerField(_("goods (fen)"), default=0)
    discount_minor = models.BigIntegerField(_("discount (fen)"), default=0)
    returned_minor = models.BigIntegerField(_("given back (fen)"), default=0)
    net_minor = models.BigIntegerField(pgettext_lazy("claim", "net (fen)"), default=0)
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        """Numbered through, each payment once, each line true to itself."""

        verbose_name = _("claim line")
        verbose_name_plural = _("claim lines")
        ordering = ["claim", "number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="claims_claimline_numbered"),
            models.UniqueConstraint(
                fields=["claim", "subject_no"],
                condition=~Q(kind="again"),
                name="claims_claimline_once_in_a_claim",
            ),
            models.CheckConstraint(
                condition=Q(net_minor=F("discount_minor") - F("returned_minor")),
                name="claims_claimline_net_is_discount_less_returned",
            ),
        ]
        indexes = [models.Index(fields=["subject_no"], name="claims_line_of_payment")]

    def __str__(self) -> str:
        """Show the number of what it is about."""
        return self.order_no or self.subject_no


class ClaimEvent(models.Model):
    """A line of a claim's story: who did what, when."""

    claim = models.ForeignKey(
        SubsidyClaim, on_delete=models.CASCADE, related_name="events", verbose_name=_("claim")
    )
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150, blank=True)
    what = models.CharField(_("what"), max_length=40)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        """In the order of time."""

        verbose_name = _("event of a claim")
        verbose_name_plural = _("events of claims")
        ordering = ["pk"]

    def __str__(self) -> str:
        """Show what happened."""
        return self.what
