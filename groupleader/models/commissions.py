"""Commission: the rules, the terms each order line was placed under, and what each line earned."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groupleader.models.leaders import Leader
from groupleader.services.commissions import RuleScope
from payments.api import Edges

SCOPES = [
    (RuleScope.ITEM.value, pgettext_lazy("commission rule", "Item")),
    (RuleScope.CATEGORY.value, _("Category")),
    (RuleScope.LEADER.value, _("Leader")),
    (RuleScope.TIER.value, _("Tier")),
    (RuleScope.DEFAULT.value, _("Default")),
]
_ONE_WAY = Q(rate__isnull=False, fixed_minor__isnull=True) | Q(
    rate__isnull=True, fixed_minor__isnull=False
)
_SANE = (Q(rate__isnull=True) | Q(rate__gte=0, rate__lte=1)) & (
    Q(fixed_minor__isnull=True) | Q(fixed_minor__gte=0)
)


class CommissionRule(models.Model):
    """A rate, or a fixed amount per piece, for an item, category, leader, tier or everybody."""

    scope = models.CharField(_("speaks about"), max_length=10, choices=SCOPES)
    target = models.CharField(
        _("which one"),
        max_length=40,
        blank=True,
        help_text=_(
            "The number of the group-buy item, category or person, or the tier; empty for default."
        ),
    )
    rate = models.DecimalField(
        _("rate"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("0.1 is ten percent."),
    )
    fixed_minor = models.BigIntegerField(_("fixed amount per piece (fen)"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """Rules are ended, not deleted: old lines name the rule they were placed under."""

        verbose_name = _("commission rule")
        verbose_name_plural = _("commission rules")
        ordering = ["scope", "target", "-valid_from"]
        indexes = [models.Index(fields=["scope", "target"], name="groupleader_rule_scope")]
        constraints = [
            models.CheckConstraint(name="groupleader_rule_one_way", condition=_ONE_WAY),
            models.CheckConstraint(name="groupleader_rule_sane", condition=_SANE),
            models.CheckConstraint(
                name="groupleader_rule_interval",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="groupleader_rule_target",
                condition=(Q(scope=RuleScope.DEFAULT.value) & Q(target=""))
                | (~Q(scope=RuleScope.DEFAULT.value) & ~Q(target="")),
            ),
        ]

    def __str__(self) -> str:
        """Show what it speaks about and how much it gives."""
        much = f"{self.rate * 100:f} %" if self.rate is not None else f"{self.fixed_minor}"
        return f"{self.get_scope_display()} {self.target} {much}".replace("  ", " ")


class CommissionTerms(models.Model):
    """What was agreed for one order line when the order was placed; later rules never change it."""

    line_id = models.CharField(_("order line"), max_length=40, unique=True)
    order_no = models.CharField(_("order number"), max_length=32, db_index=True)
    leader = models.ForeignKey(
        Leader, on_delete=models.PROTECT, related_name="terms", verbose_name=_("leader")
    )
    group_id = models.CharField(pgettext_lazy("group buying", "group"), max_length=40, blank=True)
    title = models.CharField(_("goods"), max_length=255, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    base_minor = models.BigIntegerField(_("base (fen)"))
    returned_minor = models.BigIntegerField(_("of it returned (fen)"), default=0)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4, null=True)
    fixed_minor = models.BigIntegerField(_("fixed amount per piece (fen)"), null=True)
    scope = models.CharField(_("rate comes from"), max_length=10, choices=SCOPES)
    rule = models.ForeignKey(
        CommissionRule,
        on_delete=models.PROTECT,
        null=True,
        related_name="terms",
        verbose_name=_("rule"),
    )
    is_own_order = models.BooleanField(_("leader's own order"), default=False)
    placed_at = models.DateTimeField(_("placed at"))

    class Meta:
        """Guarded by the database: a line never returns more than its base."""

        verbose_name = _("commission terms")
        verbose_name_plural = _("commission terms")
        constraints = [
            models.CheckConstraint(name="groupleader_terms_one_way", condition=_ONE_WAY),
            models.CheckConstraint(name="groupleader_terms_sane", condition=_SANE),
            models.CheckConstraint(
                name="groupleader_terms_returned",
                condition=Q(returned_minor__gte=0) & Q(returned_minor__lte=F("base_minor")),
            ),
        ]

    def __str__(self) -> str:
        """Show the order and the goods."""
        return f"{self.order_no} {self.title}".strip()


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
