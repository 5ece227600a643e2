"""A bank offer (银行立减): who may have it, on what, when, how often, and who pays for it."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.promotions.models.sense import rule_errors
from payments.api import Edges


def paid_by_the_bank() -> list[dict[str, object]]:
    """Say that the bank pays all of it: how most offers are funded."""
    return [{"funder": "bank", "percent": 100}]


class BankOffer(models.Model):
    """A discount on tied cards. Once launched its rule never changes: a new version replaces it."""

    class State(models.TextChoices):
        """Where the offer is in its life."""

        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        ACTIVE = "active", _("Running")
        PAUSED = "paused", _("Paused")
        EXHAUSTED = "exhausted", _("Used up")
        ENDED = "ended", _("Ended")

    EDGES: ClassVar[Edges] = {
        State.DRAFT: frozenset({State.SCHEDULED}),
        State.SCHEDULED: frozenset({State.ACTIVE, State.ENDED}),
        State.ACTIVE: frozenset({State.PAUSED, State.EXHAUSTED, State.ENDED}),
        State.PAUSED: frozenset({State.ACTIVE, State.ENDED}),
        State.EXHAUSTED: frozenset({State.ACTIVE, State.ENDED}),
        State.ENDED: frozenset(),
    }

    class Marks(models.TextChoices):
        """Which brand marks the card bears."""

        ANY = "any", _("Any")
        SINGLE = "single", _("UnionPay mark only")

    class BenefitKind(models.TextChoices):
        """How the discount is counted."""

        FIXED = "fixed", _("A fixed amount")

    class RefundPolicy(models.TextChoices):
        """What happens to the discount when a part of the order comes back."""

        PROPORTIONAL = "proportional", _("The other goods keep their part of the discount")
        FORFEIT = "forfeit", _("Below the threshold the discount is lost")

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=60)
    terms = models.TextField(_("terms shown to residents"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    funder_ref = models.CharField(
        _("bank"), max_length=16, help_text=_("The bank's short code, for example CCB.")
    )

    # which cards
    issuers = models.JSONField(
        _("issuers"), default=list, blank=True, help_text=_("Bank codes; none means any bank.")
    )
    kinds = models.JSONField(
        _("card kinds"), default=list, blank=True, help_text=_("debit, credit; none means both.")
    )
    marks = models.CharField(_("marks"), max_length=6, choices=Marks.choices, default=Marks.ANY)
    bins = models.JSONField(
        _("first digits"), default=list, blank=True, help_text=_("BINs; none means any.")
    )

    # which goods
    included = models.ForeignKey(
        "offer.Range",
        verbose_name=_("goods it counts on"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_offers_including",
    )
    excluded = models.ForeignKey(
        "offer.Range",
        verbose_name=_("goods left out"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_offers_excluding",
    )
    physical_only = models.BooleanField(_("physical goods only"), default=True)

    # what it gives
    benefit_kind = models.CharField(
        _("benefit"), max_length=10, choices=BenefitKind.choices, default=BenefitKind.FIXED
    )
    threshold_minor = models.PositiveBigIntegerField(_("from an amount of (fen)"))
    discount_minor = models.PositiveBigIntegerField(_("discount (fen)"))

    # when, on a Shanghai clock
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    weekdays = models.JSONField(
        _("weekdays"), default=list, blank=True, help_text=_("1 is Monday; none means every day.")
    )
    month_days = models.JSONField(
        _("days of the month"), default=list, blank=True, help_text=_("None means every day.")
    )
    from_time = models.TimeField(_("from o'clock"), null=True, blank=True)
    until_time = models.TimeField(_("until o'clock"), null=True, blank=True)

    # how often; empty means without limit
    resident_day_limit = models.PositiveSmallIntegerField(
        _("per resident a day"), null=True, blank=True
    )
    resident_month_limit = models.PositiveSmallIntegerField(
        _("per resident a month"), null=True, blank=True
    )
    resident_total_limit = models.PositiveSmallIntegerField(
        _("per resident in all"), null=True, blank=True
    )
    card_day_limit = models.PositiveSmallIntegerField(_("per card a day"), null=True, blank=True)
    card_month_limit = models.PositiveSmallIntegerField(
        _("per card a month"), null=True, blank=True
    )
    card_total_limit = models.PositiveSmallIntegerField(_("per card in all"), null=True, blank=True)
    day_limit = models.PositiveIntegerField(_("in all a day"), null=True, blank=True)
    total_limit = models.PositiveIntegerField(_("in all"), null=True, blank=True)
    budget_minor = models.PositiveBigIntegerField(_("budget (fen)"), null=True, blank=True)

    # who pays, and what a refund does
    funding = models.JSONField(
        _("funding"), default=paid_by_the_bank, help_text=_("Funders and percent; in all 100.")
    )
    refund_policy = models.CharField(
        _("when goods come back"),
        max_length=12,
        choices=RefundPolicy.choices,
        default=RefundPolicy.PROPORTIONAL,
    )

    # what is given away: moved only by mall.promotions.reservation
    reserved_count = models.PositiveIntegerField(_("reserved"), default=0, editable=False)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    reserved_minor = models.PositiveBigIntegerField(_("reserved (fen)"), default=0, editable=False)
    used_minor = models.PositiveBigIntegerField(_("used (fen)"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        """The database keeps the budget, whatever the code does."""

        verbose_name = _("bank offer")
        verbose_name_plural = _("bank offers")
        ordering = ["-starts_at", "code", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="promotions_bankoffer_one_of_each_version"
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gt=0, discount_minor__lt=F("threshold_minor")),
                name="promotions_bankoffer_discount_below_threshold",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="promotions_bankoffer_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(budget_minor=None)
                | Q(budget_minor__gte=F("reserved_minor") + F("used_minor")),
                name="promotions_bankoffer_within_budget",
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None)
                | Q(total_limit__gte=F("reserved_count") + F("used_count")),
                name="promotions_bankoffer_within_total",
            ),
            models.CheckConstraint(
                condition=Q(
                    reserved_count__gte=0,
                    used_count__gte=0,
                    reserved_minor__gte=0,
                    used_minor__gte=0,
                ),
                name="promotions_bankoffer_counters_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Show the name and, after the first, the version."""
        return self.name if self.version == 1 else f"{self.name} v{self.version}"

    def clean(self) -> None:
        """Refuse a rule that makes no sense (the admin calls this)."""
        if errors := rule_errors(self):
            raise ValidationError(errors)
