"""A case: something is wrong with one line of an order, what was asked, decided and paid back."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.aftersales.models.reasons import Bearer, CaseReason, Kind
from mall.ordering.models import LineFulfilment, OrderFulfilment
from payments.api import Edges


class AfterSalesCase(models.Model):
    """One complaint about one order line. Moved only by the services of mall.aftersales.

    Amounts are fen. ``…_minor`` without another word is what the resident gets of it;
    ``value_minor`` is what goes back in all, to her and to whoever paid for discounts.
    """

    class Status(models.TextChoices):
        """How far it is."""

        REQUESTED = "requested", _("To be decided")
        APPROVED = "approved", _("Waits for a second person")
        REJECTED = "rejected", _("Rejected")
        REFUNDING = "refunding", _("Refund on its way")
        REFUNDED = "refunded", _("Refunded")
        CANCELLED = "cancelled", _("Withdrawn")

    EDGES: ClassVar[Edges] = {
        # back to requested: the second person did not agree, or a rejection was appealed
        Status.REQUESTED: frozenset({Status.APPROVED, Status.REJECTED, Status.CANCELLED}),
        Status.APPROVED: frozenset({Status.REFUNDING, Status.REQUESTED, Status.CANCELLED}),
        Status.REJECTED: frozenset({Status.REQUESTED}),
        Status.REFUNDING: frozenset({Status.REFUNDED}),
        Status.REFUNDED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    # what keeps the order's after-sales window from ending
    OPEN: ClassVar[tuple[str, ...]] = (Status.REQUESTED, Status.APPROVED)

    class Turn(models.TextChoices):
        """Whose turn it is."""

        LEADER = "leader", _("group leader")
        MALL = "mall", _("the mall")
        RESIDENT = "resident", _("resident")
        SECOND = "second", _("a second person")
        NOBODY = "", _("nobody")

    class Passed(models.TextChoices):
        """Why the mall decides and not the leader."""

        NOT_PASSED = "", "–"
        LEADER = "leader", _("Passed on by the leader")
        SILENCE = "silence", _("The leader did not answer in time")
        APPEAL = "appeal", _("The resident appealed")
        OWN = "own", _("The leader's own order")
        DECLINED = "declined", _("The resident declined an offer")
        LAPSED = "lapsed", _("An offer was not answered in time")

    case_no = models.CharField(_("case number"), max_length=20, unique=True)
    idem_key = models.CharField(_("form's key"), max_length=64)
    order = models.ForeignKey(
        OrderFulfilment, on_delete=models.PROTECT, related_name="cases", verbose_name=_("order")
    )
    line = models.ForeignKey(
        LineFulfilment, on_delete=models.PROTECT, related_name="cases", verbose_name=_("order line")
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases",
        verbose_name=_("resident"),
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases_led",
        verbose_name=_("group leader"),
    )
    supplier = models.ForeignKey(
        "partner.Partner",
        on_delete=models.PROTECT,
        related_name="cases",
        verbose_name=_("supplier"),
    )
    reason = models.ForeignKey(
        CaseReason, on_delete=models.PROTECT, related_name="cases", verbose_name=_("reason")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    text = models.CharField(_("what happened"), max_length=500, blank=True)

    # what she asks for: pieces, or fen off pieces she keeps
    asked_quantity = models.PositiveIntegerField(_("pieces asked for"), default=0)
    asked_minor = models.PositiveBigIntegerField(_("asked (fen)"))
    # what she had paid for the line when she asked, less what had gone back
    paid_minor = models.PositiveBigIntegerField(_("paid for the line (fen)"))

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED
    )
    turn = models.CharField(
        _("whose turn"), max_length=8, choices=Turn.choices, default=Turn.LEADER, blank=True
    )
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    passed = models.CharField(
        _("why the mall decides"), max_length=8, choices=Passed.choices, blank=True, default=""
    )

    # what was offered her instead, while she thinks about it; then what was decided
    given_quantity = models.PositiveIntegerField(_("pieces given back for"), default=0)
    given_minor = models.PositiveBigIntegerField(_("to the resident (fen)"), default=0)
    value_minor = models.PositiveBigIntegerField(_("in all (fen)"), default=0)
    cost_minor = models.PositiveBigIntegerField(_("not owed to the supplier (fen)"), default=0)
    bearer = models.CharField(_("borne by"), max_length=8, choices=Bearer.choices)
    decision_text = models.CharField(_("reason in words"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_decided",
        verbose_name=_("decided by"),
    )
    decided_by_leader = models.BooleanField(_("decided by the leader"), default=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    needs_second = models.BooleanField(_("needs two people"), default=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_confirmed",
        verbose_name=_("second person"),
    )
    # the day on which a leader's decision counts against her limit
    counted_on = models.DateField(_("counted on"), null=True, blank=True)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, blank=True)

    # the money
    refund_no = models.CharField(_("refund"), max_length=32, blank=True)
    refund_failed_at = models.DateTimeField(_("refund failed at"), null=True, blank=True)

    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cases_opened",
        verbose_name=_("opened by"),
    )
    opened_at = models.DateTimeField(pgettext_lazy("case", "opened at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        """One open case per line; nobody decides for more than was paid, or twice alone."""

        verbose_name = _("after-sales case")
        verbose_name_plural = _("after-sales cases")
        ordering = ["-opened_at", "-pk"]
        permissions = [
            ("decide_aftersalescase", "Can decide after-sales cases"),
            ("confirm_aftersalescase", "Can be the second person of an after-sales case"),
            ("compensate_aftersalescase", "Can give goodwill beyond a refund"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status__in=["requested", "approved"]),
                name="aftersales_case_one_open_per_line",
            ),
            models.UniqueConstraint(
                fields=["resident", "idem_key"], name="aftersales_case_asked_once"
            ),
            models.UniqueConstraint(
                fields=["refund_no"],
                condition=~Q(refund_no=""),
                name="aftersales_case_refund_of_one",
            ),
            models.CheckConstraint(
                condition=Q(asked_minor__lte=F("paid_minor"), given_minor__lte=F("paid_minor"))
                & Q(given_minor__lte=F("value_minor"), cost_minor__gte=0),
                name="aftersales_case_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=~Q(needs_second=True, status__in=["refunding", "refunded"])
                | Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("decided_by")),
                name="aftersales_case_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["refunding", "refunded"]) | Q(refund_no=""),
                name="aftersales_case_refund_when_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "-opened_at"], name="aftersales_case_of_resident"),
            models.Index(fields=["leader", "status", "due_at"], name="aftersales_case_of_leader"),
            models.Index(
                fields=["due_at"],
                condition=Q(status="requested"),
                name="aftersales_case_due",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.case_no

    @property
    def is_open(self) -> bool:
        """Tell whether it still is to be decided."""
        return self.status in self.OPEN

    @property
    def is_offered(self) -> bool:
        """Tell whether the resident is thinking about an offer."""
        return self.status == self.Status.REQUESTED and self.turn == self.Turn.RESIDENT
