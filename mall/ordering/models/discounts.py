"""Every discount of an order: where it comes from, who bears how much of it on which line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models.lines import LineFulfilment
from mall.ordering.models.orders import OrderFulfilment
from payments.api import Funder

_FUNDERS = [
    (str(Funder.BANK), _("bank")),
    (str(Funder.GOVERNMENT), _("government")),
    (str(Funder.PLATFORM), _("platform")),
    (str(Funder.SUPPLIER), _("supplier")),
    (str(Funder.LEADER), _("group leader")),
]


class OrderDiscount(models.Model):
    """One voucher, use of points or bank offer of an order: as quoted, and as really given."""

    class Source(models.TextChoices):
        """What took something off."""

        VOUCHER = "voucher", _("Voucher")
        POINTS = "points", _("Points")
        OFFER = "offer", _("Bank offer")

    class DecidedBy(models.TextChoices):
        """Who says how much it is: we charge less, or the bank takes it off by itself."""

        SHOP = "shop", _("The mall")
        BANK = "bank", _("The bank")

    order = models.ForeignKey(
        OrderFulfilment,
        on_delete=models.PROTECT,
        related_name="discounts",
        verbose_name=_("order"),
    )
    source = models.CharField(_("kind"), max_length=8, choices=Source.choices)
    # the voucher's number, the number of points, the offer's code or what the bank calls it
    source_no = models.CharField(_("number"), max_length=64)
    name = models.CharField(_("name"), max_length=60)
    decided_by = models.CharField(
        _("decided by"), max_length=4, choices=DecidedBy.choices, default=DecidedBy.SHOP
    )
    estimated_minor = models.PositiveBigIntegerField(_("quoted (fen)"))
    # nothing until the money came: only then it is known what the bank gave
    actual_minor = models.PositiveBigIntegerField(_("given (fen)"), null=True)

    # staff's word on a difference between the two
    noted_at = models.DateTimeField(_("noted at"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("noted by"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        """An order has each discount once; what the shop decides is given as quoted."""

        verbose_name = _("discount of an order")
        verbose_name_plural = _("discounts of orders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "source", "source_no"], name="ordering_orderdiscount_once"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "source_no"], name="ordering_discount_by_source"),
            models.Index(
                fields=["-id"],
                condition=Q(actual_minor__isnull=False) & ~Q(actual_minor=F("estimated_minor")),
                name="ordering_discount_differs",
            ),
        ]

    def __str__(self) -> str:
        """Show what it is called."""
        return self.name

    @classmethod
    def differing(cls) -> models.QuerySet[OrderDiscount]:
        """Return what came otherwise than quoted: more, less, not at all, or unasked (D7)."""
        return cls.objects.filter(actual_minor__isnull=False).exclude(
            actual_minor=F("estimated_minor")
        )

    @property
    def minor(self) -> int:
        """Return what it takes off: given, or as long as nobody knows, as quoted (fen)."""
        return self.estimated_minor if self.actual_minor is None else self.actual_minor


class DiscountDifference(OrderDiscount):
    """A discount that came otherwise than quoted, as staff look at it."""

    class Meta:
        """The same rows under a name of their own in the admin."""

        proxy = True
        verbose_name = _("difference of a bank discount")
        verbose_name_plural = _("differences of bank discounts")
        ordering = ["-pk"]


class LineDiscount(models.Model):
    """What one funder bears of a discount on one line; goes back with the goods, to the fen."""

    line = models.ForeignKey(
        LineFulfilment,
        on_delete=models.PROTECT,
        related_name="discounts",
        verbose_name=_("order line"),
    )
    discount = models.ForeignKey(
        OrderDiscount,
        on_delete=models.PROTECT,
        related_name="lines",
        verbose_name=_("discount of an order"),
    )
    funder = models.CharField(_("paid by"), max_length=10, choices=_FUNDERS)
    funder_ref = models.CharField(_("label in the books"), max_length=64)
    minor = models.PositiveBigIntegerField(_("part (fen)"))
    returned_minor = models.PositiveBigIntegerField(_("given back (fen)"), default=0)

    class Meta:
        """One row per line, discount and funder; nobody gets back more than it gave."""

        verbose_name = _("funder's part of a line")
        verbose_name_plural = _("funders' parts of lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "discount", "funder", "funder_ref"],
                name="ordering_linediscount_once",
            ),
            models.CheckConstraint(
                condition=Q(minor__gt=0, returned_minor__lte=F("minor")),
                name="ordering_linediscount_gives_back_no_more",
            ),
        ]

    def __str__(self) -> str:
        """Show who bears how many fen."""
        return f"{self.funder} {self.minor}"

    @property
    def left_minor(self) -> int:
        """Return what its funder has not got back (fen)."""
        return self.minor - self.returned_minor
