"""The parts of an offer's rule: cards, goods, benefit, calendar, limits, and who pays."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def paid_by_the_bank() -> list[dict[str, object]]:
    """Say that the bank pays all of it: how most offers are funded."""
    return [{"funder": "bank", "percent": 100}]


def _limit(name: Promise) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(name, null=True, blank=True)


def _limit_in_all(name: Promise) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(name, null=True, blank=True)


class WhichCards(models.Model):
    """Which cards take part; a condition left empty asks nothing."""

    class Marks(models.TextChoices):
        """Which brand marks the card bears."""

        ANY = "any", _("Any")
        SINGLE = "single", _("UnionPay mark only")

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
    first_tied_within_days = models.PositiveSmallIntegerField(
        _("days after the card was first tied"),
        null=True,
        blank=True,
        help_text=_(
            "Counted from the first time this person tied such a card; empty asks nothing."
        ),
    )
    new_to_bank = models.BooleanField(
        _("new customers of the bank only"),
        default=False,
        help_text=_("Whose first card of this bank was tied after the offer began."),
    )

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True


class WhichGoods(models.Model):
    """Which goods count towards the threshold and bear the discount."""

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

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True


class WhatItGives(models.Model):
    """The benefit, of one of four kinds.

    `threshold_minor` and `discount_minor` hold for each: from what amount on the offer gives
    anything, and what it gives at least; `figures.settle` works them out.
    """

    class BenefitKind(models.TextChoices):
        """How the discount is counted."""

        FIXED = "fixed", _("A fixed amount")
        STEPS = "steps", _("More from higher amounts on")
        PERCENT = "percent", _("A percentage, up to a cap")
        RANDOM = "random", _("Drawn by lot between two amounts")

    class DecidedBy(models.TextChoices):
        """Who takes the discount off."""

        SHOP = "shop", _("The mall: it asks for less and claims the rest from the bank")
        BANK = "bank", _("The bank: it is asked for all and takes its discount off by itself")

    decided_by = models.CharField(
        _("who decides"), max_length=4, choices=DecidedBy.choices, default=DecidedBy.SHOP
    )
    benefit_kind = models.CharField(
        _("benefit"), max_length=10, choices=BenefitKind.choices, default=BenefitKind.FIXED
    )
    threshold_minor = models.PositiveBigIntegerField(_("from an amount of (fen)"), default=0)
    discount_minor = models.PositiveBigIntegerField(_("discount (fen)"), default=0)
    steps = models.JSONField(
        _("steps"),
        default=list,
        blank=True,
        help_text=_("Pairs of amount and discount in fen, for example [[10000, 500]]."),
    )
    percent_bp = models.PositiveSmallIntegerField(
        _("hundredths of a percent"), null=True, blank=True
    )
    cap_minor = models.PositiveBigIntegerField(_("at most (fen)"), null=True, blank=True)
    random_from_minor = models.PositiveBigIntegerField(_("drawn from (fen)"), null=True, blank=True)
    random_to_minor = models.PositiveBigIntegerField(_("drawn up to (fen)"), null=True, blank=True)

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True


class When(models.Model):
    """When the offer is given, on a Shanghai clock."""

    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    weekdays = models.JSONField(
        _("weekdays"), default=list, blank=True, help_text=_("1 is Monday; none means every day.")
    )
    month_days = models.JSONField(
        _("days of the month"), default=list, blank=True, help_text=_("None means every day.")
    )
    hours = models.JSONField(
        _("hours"),
        default=list,
        blank=True,
        help_text=_('For example [["10:00", "12:00"], ["22:00", "02:00"]]; none means all day.'),
    )

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True


class HowOften(models.Model):
    """How often it is given; empty means without limit.

    What a resident, a card or a device has had counts through all versions of an offer; the numbers
    for everybody belong to the version.
    """

    resident_day_limit = _limit(_("per resident a day"))
    resident_month_limit = _limit(_("per resident a month"))
    resident_total_limit = _limit(_("per resident in all"))
    card_day_limit = _limit(_("per card a day"))
    card_month_limit = _limit(_("per card a month"))
    card_total_limit = _limit(_("per card in all"))
    device_day_limit = _limit(_("per device a day"))
    device_month_limit = _limit(_("per device a month"))
    device_total_limit = _limit(_("per device in all"))
    day_limit = _limit_in_all(_("in all a day"))
    month_limit = _limit_in_all(_("in all a month"))
    total_limit = _limit_in_all(_("in all"))

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True


class WhoPays(models.Model):
    """Whose money it is, and what a refund does with it."""

    class RefundPolicy(models.TextChoices):
        """What happens to the discount when a part of the order comes back."""

        PROPORTIONAL = "proportional", _("The other goods keep their part of the discount")
        FORFEIT = "forfeit", _("Below the threshold the discount is lost")

    funder_ref = models.CharField(
        _("bank"), max_length=16, help_text=_("The bank's short code, for example CCB.")
    )
    funding = models.JSONField(
        _("funding"), default=paid_by_the_bank, help_text=_("Funders and percent; in all 100.")
    )
    refund_policy = models.CharField(
        _("when goods come back"),
        max_length=12,
        choices=RefundPolicy.choices,
        default=RefundPolicy.PROPORTIONAL,
    )

    class Meta:
        """A part of an offer, no table of its own."""

        abstract = True
