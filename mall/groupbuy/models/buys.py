"""A sale to neighbours: what is offered, at which price, until when, and when it is collected."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mall.groupbuy.models.states import State

_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """Return a short random code that survives being read out; 31^8 of them."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(8))


class GroupBuy(models.Model):
    """A sale with items, an opening, a cut-off and a pickup day."""

    class Owner(models.TextChoices):
        """Who runs the sale."""

        PLATFORM = "platform", _("The mall")
        LEADER = "leader", _("A group leader")

    code = models.CharField(_("code"), max_length=16, unique=True, default=new_code)
    title = models.CharField(_("title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    text = models.TextField(_("text"), blank=True)
    text_en = models.TextField(_("English text"), blank=True)
    cover = models.ImageField(_("cover"), upload_to="groupbuys/%Y/%m", blank=True, max_length=255)
    owner_kind = models.CharField(
        _("run by"), max_length=10, choices=Owner.choices, default=Owner.PLATFORM
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="own_group_buys",
        verbose_name=_("leader who runs it"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("cut-off"))
    grace_minutes = models.PositiveSmallIntegerField(
        _("minutes of grace"),
        default=15,
        help_text=_("How long after the cut-off an order placed before it may still be paid."),
    )
    pickup_on = models.DateField(_("pickup day"))
    pickup_from = models.TimeField(_("pickup from"))
    pickup_until = models.TimeField(_("pickup until"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, editable=False)
    formed_at = models.DateTimeField(_("formed at"), null=True, blank=True, editable=False)
    ordered_at = models.DateTimeField(_("ordered at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """Found by jobs by state and date."""

        verbose_name = _("group buy")
        verbose_name_plural = _("group buys")
        ordering = ["-opens_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "opens_at"], name="groupbuy_buy_to_open"),
            models.Index(fields=["state", "closes_at"], name="groupbuy_buy_to_close"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")),
                name="groupbuy_buy_closes_after_opening",
                violation_error_message=_("The cut-off comes after the opening."),
            ),
            models.CheckConstraint(
                condition=Q(pickup_until__gt=F("pickup_from")),
                name="groupbuy_buy_pickup_hours_in_order",
                violation_error_message=_("The pickup hours end after they begin."),
            ),
            models.CheckConstraint(
                condition=Q(owner_kind="platform", owner__isnull=True)
                | Q(owner_kind="leader", owner__isnull=False),
                name="groupbuy_buy_owner_fits_kind",
                violation_error_message=_("Name the leader exactly when a leader runs the sale."),
            ),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title

    @property
    def pay_until(self) -> datetime:
        """The last instant at which an order placed before the cut-off may be paid."""
        return self.closes_at + timedelta(minutes=self.grace_minutes)

    def is_selling(self, at: datetime) -> bool:
        """Tell whether orders may be placed at that instant: open, and in [opens, closes)."""
        return self.state == State.OPEN and self.opens_at <= at < self.closes_at


class GroupBuyItem(models.Model):
    """A product at its group price. Only ordering's stock keeper writes ``held`` and ``sold``."""

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
        ]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.product)
