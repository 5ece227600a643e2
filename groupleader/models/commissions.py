"""Commission: the terms each order line was placed under, and what each line earned."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from groupleader.models.rules import ONE_WAY, SANE, SCOPES, CommissionRule
from payments.api import Edges


class CommissionTerms(models.Model):
    """What one person was promised for one order line when it was placed; kept whatever comes.

    The leader's own row, and one each for the keeper of a sub-pickup point and for those who
    brought the leader in. A row says all its amount needs: base, rate, and the share of it.
    """

    class Part(models.TextChoices):
        """Whose commission it is."""

        LEADER = "leader", _("Leader")
        KEEPER = "keeper", _("Keeper of the sub-pickup point")
        REFERRER = "referrer", _("Brought the leader in")
        REFERRER_2 = "referrer_2", _("Brought in who brought her in")
        AWARD = "award", _("Award for bringing a leader in")

    class Withheld(models.TextChoices):
        """Why a line earns nothing at all."""

        OWN = "own", _("The leader's own order")
        OUTLET = "outlet", _("The outlet earns no commission")
        NOBODY = "nobody", _("Nobody leads it")

    line_id = models.CharField(_("order line"), max_length=40)
    part = models.CharField(
        _("whose part"), max_length=10, choices=Part.choices, default=Part.LEADER
    )
    order_no = models.CharField(_("order number"), max_length=32, db_index=True)
    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="terms", verbose_name=_("leader")
    )
    # whose commission it is a share of, where it is one
    of_leader = models.ForeignKey(
        Leader,
        on_delete=models.PROTECT,
        null=True,
        related_name="terms_shared",
        verbose_name=_("share of the commission of"),
    )
    group_id = models.CharField(pgettext_lazy("group buying", "group"), max_length=40, blank=True)
    item_ref = models.CharField(_("item"), max_length=40, blank=True)
    category_refs = models.JSONField(_("categories"), default=list)
    title = models.CharField(_("goods"), max_length=255, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    base_minor = models.BigIntegerField(_("base (fen)"))
    returned_minor = models.BigIntegerField(_("of it returned (fen)"), default=0)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4, null=True)
    fixed_minor = models.BigIntegerField(_("fixed amount per piece (fen)"), null=True)
    # of the leader's row: what the keeper gets of it; of the others: what they get of hers
    share = models.DecimalField(_("share"), max_digits=5, decimal_places=4, default=0)
    scope = models.CharField(_("rate comes from"), max_length=10, choices=SCOPES)
    rule = models.ForeignKey(
        CommissionRule,
        on_delete=models.PROTECT,
        null=True,
        related_name="terms",
        verbose_name=_("rule"),
    )
    is_own_order = models.BooleanField(_("leader's own order"), default=False)
    # which signs say so, by their codes: self, card, phone
    own_signs = models.CharField(_("by what one sees it"), max_length=40, blank=True)
    withheld = models.CharField(
        _("earns nothing because"), max_length=8, choices=Withheld.choices, blank=True
    )
    placed_at = models.DateTimeField(_("placed at"))

    class Meta:
        """Guarded by the database: a line never returns more than its base."""

        verbose_name = _("commission terms")
        verbose_name_plural = _("commission terms")
        indexes = [
            models.Index(fields=["part", "placed_at"], name="groupleader_terms_time"),
            models.Index(
                fields=["-placed_at"],
                condition=Q(is_own_order=True, part="leader"),
                name="groupleader_terms_own",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["line_id", "part"], name="groupleader_terms_once"),
            models.CheckConstraint(name="groupleader_terms_one_way", condition=ONE_WAY),
            models.CheckConstraint(name="groupleader_terms_sane", condition=SANE),
            models.CheckConstraint(
                name="groupleader_terms_share", condition=Q(share__gte=0, share__lte=1)
            ),
            models.CheckConstraint(
                name="groupleader_terms_returned",
                condition=Q(returned_minor__gte=0) & Q(returned_minor__lte=F("base_minor")),
            ),
        ]

    def __str__(self) -> str:
        """Show the order and the goods."""
        return f"{self.order_no} {self.title}".strip()


class OwnOrder(CommissionTerms):
    """A line of an order that is its leader's own, as whoever watches risk looks at it."""

    class Meta:
        """The same rows under a name of their own in the admin."""

        proxy = True
        verbose_name = _("leader's own order")
        verbose_name_plural = _("leaders' own orders")
        ordering = ["-placed_at", "-pk"]


class TakenBack(models.Model):
    """So much of a line's base went back with one refund: what it takes of commission follows."""

    terms = models.ForeignKey(
        CommissionTerms, on_delete=models.PROTECT, related_name="takings", verbose_name=_("line")
    )
    refund_no = models.CharField(_("refund"), max_length=80)
    value_minor = models.BigIntegerField(_("of the base (fen)"))
    at = models.DateTimeField(_("at"))

    class Meta:
        """A refund takes of a line once."""

        verbose_name = _("part of a base that went back")
        verbose_name_plural = _("parts of bases that went back")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["terms", "refund_no"], name="groupleader_taken_once"),
            models.CheckConstraint(
                name="groupleader_taken_something", condition=Q(value_minor__gt=0)
            ),
        ]

    def __str__(self) -> str:
        """Show the refund and how much."""
        return f"{self.refund_no} {self.value_minor}"


class CommissionAccrual(models.Model):
    """What a leader earns on one fulfilment of a line, or gives back for a refund after settlement.

    `fulfilment` names the hand-over ("whole" while lines are collected whole) or, for what is taken
    back after settlement, the refund. `amount_minor` is the database's own difference.
    """

    class Status(models.TextChoices):
        """Where the money is; what a refund took away before settlement is in `reduced_minor`."""

        ESTIMATED = "estimated", _("Estimated")
        FROZEN = "frozen", _("Frozen")
        AVAILABLE = "available", _("Available")
        IN_STATEMENT = "in_statement", _("In a statement")
        PAID = "paid", _("Paid out")
        CANCELLED = "cancelled", _("Cancelled")

    EDGES: ClassVar[Edges] = {
        Status.ESTIMATED: frozenset({Status.FROZEN, Status.CANCELLED}),
        Status.FROZEN: frozenset({Status.AVAILABLE, Status.CANCELLED, Status.ESTIMATED}),
        Status.AVAILABLE: frozenset({Status.IN_STATEMENT, Status.CANCELLED}),
        Status.IN_STATEMENT: frozenset({Status.PAID}),
        Status.PAID: frozenset({Status.IN_STATEMENT}),
        Status.CANCELLED: frozenset(),
    }
    # Before settlement a refund makes the accrual smaller; from then on it makes a negative one.
    OPEN: ClassVar[tuple[str, ...]] = (Status.ESTIMATED, Status.FROZEN, Status.AVAILABLE)

    terms = models.ForeignKey(
        CommissionTerms, on_delete=models.PROTECT, related_name="accruals", verbose_name=_("line")
    )
    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="accruals", verbose_name=_("leader")
    )
    fulfilment = models.CharField(_("hand-over or refund"), max_length=80)
    status = models.CharField(
        _("status"), max_length=14, choices=Status.choices, default=Status.ESTIMATED
    )
    earned_minor = models.BigIntegerField(_("earned (fen)"))
    reduced_minor = models.BigIntegerField(_("taken back (fen)"), default=0)
    amount_minor = models.GeneratedField(
        expression=F("earned_minor") - F("reduced_minor"),
        output_field=models.BigIntegerField(),
        db_persist=True,
        verbose_name=_("amount (fen)"),
    )
    statement = models.ForeignKey(
        "groupleader.SettlementStatement",
        on_delete=models.PROTECT,
        null=True,
        related_name="accruals",
        verbose_name=_("statement"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    accrued_at = models.DateTimeField(_("accrued at"))
    frozen_at = models.DateTimeField(_("collected at"), null=True)
    free_at = models.DateTimeField(_("after-sales window ends"), null=True)
    available_at = models.DateTimeField(_("available at"), null=True)

    class Meta:
        """One accrual per line and fulfilment; only what is taken back is negative."""

        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        ordering = ["-accrued_at", "-pk"]
        indexes = [
            models.Index(fields=["leader", "status"], name="groupleader_accrual_status"),
            models.Index(fields=["leader", "-accrued_at"], name="groupleader_accrual_time"),
            models.Index(
                fields=["leader", "available_at"],
                condition=Q(status="available"),
                name="groupleader_accrual_free",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["terms", "fulfilment"], name="groupleader_accrual_once"
            ),
            models.CheckConstraint(
                name="groupleader_accrual_reduced",
                condition=Q(earned_minor__lt=0, reduced_minor=0)
                | Q(earned_minor__gte=F("reduced_minor"), reduced_minor__gte=0),
            ),
            models.CheckConstraint(
                name="groupleader_accrual_statement",
                condition=Q(statement__isnull=False, status__in=["in_statement", "paid"])
                | Q(
                    statement__isnull=True,
                    status__in=["estimated", "frozen", "available", "cancelled"],
                ),
            ),
        ]

    def __str__(self) -> str:
        """Show the line and the state."""
        return f"{self.terms} {self.get_status_display()}"
