"""Every use of a bank offer, and the places that uses are counted in."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.promotions.models.offers import BankOffer
from payments.api import Edges


class OfferDay(models.Model):
    """How often an offer was given on one Shanghai day."""

    offer = models.ForeignKey(
        BankOffer, on_delete=models.PROTECT, related_name="days", verbose_name=_("bank offer")
    )
    day = models.DateField(_("day"))
    limit = models.PositiveIntegerField(_("limit"), null=True)
    reserved_count = models.PositiveIntegerField(_("reserved"), default=0)
    used_count = models.PositiveIntegerField(_("used"), default=0)

    class Meta:
        """The database keeps the day's limit."""

        verbose_name = _("day of an offer")
        verbose_name_plural = _("days of offers")
        constraints = [
            models.UniqueConstraint(fields=["offer", "day"], name="promotions_offerday_one_a_day"),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=F("reserved_count") + F("used_count")),
                name="promotions_offerday_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(reserved_count__gte=0, used_count__gte=0),
                name="promotions_offerday_counters_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Show the offer and the day."""
        return f"{self.offer_id} {self.day}"


class OfferMonth(models.Model):
    """How often an offer with a limit a month was given in one; `month` is its first day."""

    offer = models.ForeignKey(
        BankOffer, on_delete=models.PROTECT, related_name="months", verbose_name=_("bank offer")
    )
    month = models.DateField(_("month"))
    limit = models.PositiveIntegerField(_("limit"), null=True)
    reserved_count = models.PositiveIntegerField(_("reserved"), default=0)
    used_count = models.PositiveIntegerField(_("used"), default=0)

    class Meta:
        """The database keeps the month's limit."""

        verbose_name = _("month of an offer")
        verbose_name_plural = _("months of offers")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "month"], name="promotions_offermonth_one_a_month"
            ),
            models.CheckConstraint(
                condition=Q(limit=None) | Q(limit__gte=F("reserved_count") + F("used_count")),
                name="promotions_offermonth_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(reserved_count__gte=0, used_count__gte=0),
                name="promotions_offermonth_counters_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Show the offer and the month."""
        return f"{self.offer_id} {self.month:%Y-%m}"


class OfferReservation(models.Model):
    """One use of a bank offer (优惠占用) held for an order."""

    class State(models.TextChoices):
        """Where the use is in its life."""

        RESERVED = "reserved", _("Reserved")
        CONSUMED = "consumed", _("Used")
        RELEASED = "released", _("Released")
        CLAWED_BACK = "clawed_back", _("Given back")

    EDGES: ClassVar[Edges] = {
        State.RESERVED: frozenset({State.CONSUMED, State.RELEASED}),
        State.CONSUMED: frozenset({State.CLAWED_BACK}),
        State.RELEASED: frozenset(),
        State.CLAWED_BACK: frozenset(),
    }

    offer = models.ForeignKey(
        BankOffer,
        on_delete=models.PROTECT,
        related_name="reservations",
        verbose_name=_("bank offer"),
    )
    order_no = models.CharField(_("order number"), max_length=20, db_index=True)
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="offer_reservations",
        verbose_name=_("resident"),
    )
    agreement_no = models.CharField(_("tied card"), max_length=20)
    business_date = models.DateField(_("day it counts for"))
    # what was quoted, and what it came to: the bank that decides may give another amount
    estimated_minor = models.PositiveBigIntegerField(_("estimated discount (fen)"), default=0)
    discount_minor = models.PositiveBigIntegerField(_("discount (fen)"))
    clawed_back_minor = models.PositiveBigIntegerField(_("given back (fen)"), default=0)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.RESERVED
    )
    reserved_at = models.DateTimeField(_("reserved at"))
    ended_at = models.DateTimeField(_("released or given back at"), null=True)

    class Meta:
        """At most one live bank offer for an order: two never stack."""

        verbose_name = _("use of an offer")
        verbose_name_plural = _("uses of offers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order_no"],
                condition=Q(state__in=["reserved", "consumed"]),
                name="promotions_offerreservation_one_live_per_order",
            ),
            models.CheckConstraint(
                condition=Q(clawed_back_minor__lte=F("discount_minor")),
                name="promotions_offerreservation_gives_back_no_more",
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "business_date"], name="promotions_use_by_day"),
        ]

    def __str__(self) -> str:
        """Show the order and the offer."""
        return f"{self.order_no} {self.offer_id}"


class OfferSlot(models.Model):
    """One of the places a resident, a card or a device has in a day, a month, or in all (D2).

    Who takes a place inserts its row; the unique key makes the second one wait and lose. Places are
    the offer's through all its versions: `family` is its code.
    """

    offer = models.ForeignKey(
        BankOffer, on_delete=models.PROTECT, related_name="slots", verbose_name=_("bank offer")
    )
    family = models.SlugField(_("code"), max_length=40, db_index=False)
    subject = models.CharField(_("whose"), max_length=140)
    period = models.CharField(_("period"), max_length=11)
    slot = models.PositiveSmallIntegerField(_("place"))
    limit = models.PositiveSmallIntegerField(_("places"))
    reservation = models.ForeignKey(
        OfferReservation,
        on_delete=models.CASCADE,
        related_name="slots",
        verbose_name=_("use of an offer"),
    )

    class Meta:
        """A place is taken once, and there are no more places than the limit."""

        verbose_name = _("place in an offer")
        verbose_name_plural = _("places in offers")
        constraints = [
            models.UniqueConstraint(
                fields=["family", "subject", "period", "slot"],
                name="promotions_offerslot_taken_once",
            ),
            models.CheckConstraint(
                condition=Q(slot__gte=0, slot__lt=F("limit")),
                name="promotions_offerslot_below_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "period"], name="promotions_slot_by_subject"),
        ]

    def __str__(self) -> str:
        """Show whose place it is and when."""
        return f"{self.subject} {self.period} {self.slot}"
