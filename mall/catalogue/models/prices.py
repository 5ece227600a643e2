"""What goods cost us, what they were offered at, and what was really paid for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StockCost(models.Model):
    """What a supplier is owed per sales unit of a stock record; Oscar's row has the price."""

    stockrecord = models.OneToOneField(
        "partner.StockRecord",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="cost",
        verbose_name=_("stock record"),
    )
    cost_minor = models.PositiveIntegerField(_("cost (fen)"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        """One per stock record."""

        verbose_name = _("cost")
        verbose_name_plural = _("costs")

    def __str__(self) -> str:
        """Name the stock record."""
        return str(self.stockrecord)


class PriceChange(models.Model):
    """One change of a price or a cost. Rows are added, never changed.

    A trigger on Oscar's table writes those of prices, so that no way of changing one leaves none.
    """

    class What(models.TextChoices):
        """Which figure changed."""

        PRICE = "price", _("Price")
        COST = "cost", _("Cost")

    stockrecord = models.ForeignKey(
        "partner.StockRecord",
        on_delete=models.CASCADE,
        related_name="price_changes",
        verbose_name=_("stock record"),
    )
    what = models.CharField(_("figure"), max_length=5, choices=What.choices)
    minor = models.PositiveBigIntegerField(_("amount (fen)"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        """Read newest first, per stock record."""

        verbose_name = _("change of price or cost")
        verbose_name_plural = _("changes of price and cost")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["stockrecord", "what", "-at"], name="mall_catalogue_changes"),
        ]

    def __str__(self) -> str:
        """Name the figure."""
        return f"{self.get_what_display()} {self.minor / 100:.2f}"


class Deal(models.Model):
    """A line somebody really paid, with its price: the evidence behind a struck-through price."""

    line_id = models.BigIntegerField(_("order line"), primary_key=True)
    order_no = models.CharField(_("order number"), max_length=20)
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="deals",
        verbose_name=_("product"),
    )
    day = models.DateField(_("day"))
    unit_minor = models.PositiveBigIntegerField(_("price (fen)"))
    pieces = models.PositiveIntegerField(_("pieces"))

    class Meta:
        """Found by product and day; the line itself belongs to the floor above."""

        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["-day", "-line_id"]
        indexes = [
            models.Index(fields=["product", "day", "unit_minor"], name="mall_catalogue_deals"),
        ]

    def __str__(self) -> str:
        """Name the order."""
        return self.order_no


class DealDay(models.Model):
    """The lowest and the highest price a product was really bought at on one day; fen.

    A day whose deals were all undone stays, with no pieces: it proves nothing then.
    """

    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="deal_days",
        verbose_name=_("product"),
    )
    day = models.DateField(_("day"))
    lowest_minor = models.PositiveBigIntegerField(_("lowest price (fen)"))
    highest_minor = models.PositiveBigIntegerField(_("highest price (fen)"))
    pieces = models.PositiveIntegerField(_("pieces"))

    class Meta:
        """One row per product and day."""

        verbose_name = _("deals of a day")
        verbose_name_plural = _("deals by day")
        ordering = ["-day", "product"]
        constraints = [
            models.UniqueConstraint(fields=["product", "day"], name="mall_catalogue_dealday_once"),
            models.CheckConstraint(
                condition=Q(lowest_minor__lte=F("highest_minor")),
                name="mall_catalogue_dealday_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Name the product and the day."""
        return f"{self.product} {self.day}"
