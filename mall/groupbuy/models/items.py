"""What is offered in a sale: a product at its group price, with its limits, cases and tiers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.buys import GroupBuy
from mall.groupbuy.tiers import check_tiers


class GroupBuyItem(models.Model):
    """A product at its group price. Only ordering's stock keeper writes ``held`` and ``sold``."""

    # Said by selectors of items that may not be sold now: supplier frozen, batch recalled.
    is_held_back: bool = False

    group_buy = models.ForeignKey(
        GroupBuy, on_delete=models.CASCADE, related_name="items", verbose_name=_("group buy")
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="group_buy_items",
        verbose_name=_("product"),
    )
    stockrecord = models.ForeignKey(
        "partner.StockRecord",
        on_delete=models.PROTECT,
        related_name="group_buy_items",
        verbose_name=_("stock record"),
    )
    price_minor = models.PositiveIntegerField(
        _("group price"), validators=[MinValueValidator(1)], help_text=_("In fen.")
    )
    strike_minor = models.PositiveIntegerField(
        _("struck-through price"), null=True, blank=True, help_text=_("In fen.")
    )
    cost_minor = models.PositiveIntegerField(
        _("cost"), help_text=_("What the supplier is owed per unit, in fen.")
    )
    quota = models.PositiveIntegerField(
        _("quota"), null=True, blank=True, help_text=_("Empty: only the stock limits the sale.")
    )
    held = models.IntegerField(_("held by unpaid orders"), default=0, editable=False)
    sold = models.IntegerField(_("sold"), default=0, editable=False)
    limit_per_resident = models.PositiveSmallIntegerField(
        _("limit per resident"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    limit_per_order = models.PositiveSmallIntegerField(
        _("limit per order"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    limit_per_day = models.PositiveSmallIntegerField(
        _("limit per resident and day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    tiers = models.JSONField(
        _("prices by quantity"),
        default=list,
        blank=True,
        help_text=_("Everybody pays the lowest price that all pieces bought together reach."),
    )
    case_size = models.PositiveSmallIntegerField(
        _("pieces per case"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("The supplier sells whole cases; 1: single pieces."),
    )
    allows_tolerance = models.BooleanField(
        _("residents may take more so that a case fills"), default=False
    )
    minimum_quantity = models.PositiveIntegerField(
        _("quantity to form"), default=0, help_text=_("0: any quantity will do.")
    )
    final_price_minor = models.PositiveIntegerField(
        _("final price"), null=True, blank=True, editable=False
    )
    final_quantity = models.PositiveIntegerField(
        _("pieces bought"), null=True, blank=True, editable=False
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        """Never sold above the quota, whoever writes."""

        verbose_name = _("group-buy item")
        verbose_name_plural = _("group-buy items")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group_buy", "product"], name="groupbuy_item_product_once"
            ),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="groupbuy_item_has_price"),
            models.CheckConstraint(
                condition=Q(strike_minor__isnull=True) | Q(strike_minor__gt=F("price_minor")),
                name="groupbuy_item_strike_above_price",
                violation_error_message=_("The struck-through price is above the group price."),
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0, sold__gte=0), name="groupbuy_item_counts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(quota__gte=F("held") + F("sold")),
                name="groupbuy_item_within_quota",
                violation_error_message=_(
                    "The quota cannot be below what is already sold or held by unpaid orders."
                ),
            ),
            models.CheckConstraint(
                condition=Q(limit_per_resident__isnull=True) | Q(limit_per_resident__gt=0),
                name="groupbuy_item_limit_positive",
            ),
            models.CheckConstraint(
                condition=(Q(limit_per_order__isnull=True) | Q(limit_per_order__gt=0))
                & (Q(limit_per_day__isnull=True) | Q(limit_per_day__gt=0)),
                name="groupbuy_item_small_limits_positive",
            ),
            models.CheckConstraint(
                condition=Q(case_size__gt=0), name="groupbuy_item_case_has_pieces"
            ),
            models.CheckConstraint(
                condition=Q(allows_tolerance=False) | Q(case_size__gt=1),
                name="groupbuy_item_tolerance_needs_case",
                violation_error_message=_(
                    "Residents can only take more to fill a case: say how many pieces it holds."
                ),
            ),
            models.CheckConstraint(
                condition=Q(quota__isnull=True)
                | Q(quota__gte=F("minimum_quantity")) & Q(quota__gte=F("case_size")),
                name="groupbuy_item_can_form",
                violation_error_message=_(
                    "With this quota the quantity to form, or one full case, is never reached."
                ),
            ),
            models.CheckConstraint(
                condition=Q(final_price_minor__isnull=True, final_quantity__isnull=True)
                | Q(
                    final_price_minor__gt=0,
                    final_price_minor__lte=F("price_minor"),
                    final_quantity__isnull=False,
                ),
                name="groupbuy_item_result_whole",
            ),
        ]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.product)

    def clean(self) -> None:
        """Refuse prices by quantity that do not rise in pieces and fall in price."""
        super().clean()
        if not self.price_minor:
            return
        try:
            check_tiers(self.tiers, price_minor=self.price_minor)
        except ValueError as wrong:
            raise ValidationError({"tiers": str(wrong)}) from wrong
        self.tiers = [list(tier) for tier in self.tiers]

    @property
    def lowest_minor(self) -> int:
        """Return the lowest price anybody may come to pay, in fen."""
        return min([self.price_minor, *(price for _pieces, price in self.tiers)])
