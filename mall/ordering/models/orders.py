"""An order's own row beside Oscar's: group, pickup, money in fen, status and times."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models import GroupBuy, LeaderGroup
from mall.ordering.models.states import Status
from mall.pickup.models import PickupPoint


class OrderFulfilment(models.Model):
    """What an order is beyond Oscar's. Moved only by mall.ordering and mall.fulfilment."""

    class Ended(models.TextChoices):
        """Why an order came to nothing."""

        RESIDENT = "resident", _("Cancelled by the resident")
        EXPIRED = "expired", _("Not paid in time")
        NOT_FORMED = "not_formed", _("The group did not form")
        STAFF = "staff", _("Cancelled by the mall")

    class Purse(models.TextChoices):
        """What she chose to pay out of at the cashier; the words of the payments' Purse."""

        BANK = "bank", _("bank card")
        WECHAT = "wechat", _("WeChat Pay")
        ALIPAY = "alipay", _("Alipay")
        UNIONPAY = "unionpay", _("UnionPay app")
        BANK_APP = "bank_app", _("the bank's app")

    order = models.OneToOneField(
        "order.Order",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="fulfilment",
        verbose_name=_("order"),
    )
    order_no = models.CharField(_("order number"), max_length=20, unique=True)
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.PENDING_PAYMENT
    )

    # who and where
    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    group_buy = models.ForeignKey(
        GroupBuy, on_delete=models.PROTECT, related_name="orders", verbose_name=_("group buy")
    )
    pickup_point = models.ForeignKey(
        PickupPoint, on_delete=models.PROTECT, related_name="orders", verbose_name=_("pickup point")
    )
    # name, address, phone, opening_hours, pickup_on, pickup_from, pickup_until as they were then
    pickup_snapshot = models.JSONField(_("pickup as ordered"), default=dict)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="led_orders",
        verbose_name=_("group leader"),
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="group_orders",
        verbose_name=_("resident"),
    )
    receiver_name = models.CharField(pgettext_lazy("of goods", "receiver"), max_length=40)
    receiver_phone = models.CharField(_("receiver's phone"), max_length=20)
    remark = models.CharField(_("remark"), max_length=100, blank=True)
    # what her line in the sign-up chain says beside the goods, and whether it names her
    chain_remark = models.CharField(_("remark in the chain"), max_length=100, blank=True)
    is_anonymous = models.BooleanField(_("not named in the chain"), default=False)

    # placed once
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders_for_others",
        verbose_name=_("placed on behalf by"),
    )
    basket = models.ForeignKey(
        "basket.Basket",
        on_delete=models.PROTECT,
        related_name="group_orders",
        verbose_name=_("basket"),
    )
    idem_key = models.CharField(_("checkout key"), max_length=64)

    # money, frozen when placed, but for the way of payment of an unpaid order
    goods_minor = models.PositiveBigIntegerField(_("goods (fen)"))
    discount_minor = models.PositiveBigIntegerField(_("discounts (fen)"), default=0)
    payable_minor = models.PositiveBigIntegerField(_("to pay (fen)"))
    refunded_minor = models.PositiveBigIntegerField(_("paid back (fen)"), default=0)
    agreement_no = models.CharField(_("tied card"), max_length=20, blank=True)
    purse = models.CharField(_("paid out of"), max_length=12, blank=True, choices=Purse.choices)
    offer_name = models.CharField(_("bank offer"), max_length=60, blank=True)
    # when it was last priced anew for another way; attempts from before pay it no more
    priced_at = models.DateTimeField(_("priced anew at"), null=True, blank=True)
    payment_no = models.CharField(_("payment"), max_length=20, blank=True, db_index=True)

    # how much room of the pickup point's day it has
    boxes = models.PositiveIntegerField(_("boxes"), default=0)

    # ends
    expires_at = models.DateTimeField(_("to be paid until"))
    cancel_requested_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    ended_because = models.CharField(
        _("why it ended"), max_length=12, choices=Ended.choices, blank=True
    )
    # staff who ended it, their reason, and whether she is not to be told
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    end_note = models.CharField(_("staff's reason"), max_length=200, blank=True)
    is_quiet = models.BooleanField(_("ended without telling"), default=False)

    # collection
    pickup_code = models.CharField(_("pickup code"), max_length=6, blank=True)
    pickup_token = models.CharField(_("pickup token"), max_length=43, blank=True)
    window_ends_at = models.DateTimeField(_("after-sales until"), null=True, blank=True)
    # a case is open: the order is not closed before it is decided
    window_held = models.BooleanField(_("held open by a case"), default=False)

    # when it became what it is
    placed_at = models.DateTimeField(_("placed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    collected_at = models.DateTimeField(_("collected at"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("order", "closed at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)

    class Meta:
        """One order per basket and checkout key; the amounts agree; a code opens one order."""

        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["basket"],
                condition=~Q(status="cancelled"),
                name="ordering_orderfulfilment_one_per_basket",
            ),
            models.UniqueConstraint(
                fields=["resident", "idem_key"], name="ordering_orderfulfilment_one_per_key"
            ),
            models.UniqueConstraint(
                fields=["pickup_point", "pickup_code"],
                condition=Q(status="arrived"),
                name="ordering_orderfulfilment_code_opens_one",
            ),
            models.UniqueConstraint(
                fields=["pickup_token"],
                condition=~Q(pickup_token=""),
                name="ordering_orderfulfilment_token_opens_one",
            ),
            models.CheckConstraint(
                condition=Q(payable_minor=F("goods_minor") - F("discount_minor"))
                & Q(payable_minor__gt=0),
                name="ordering_orderfulfilment_payable_is_goods_less_discount",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=F("payable_minor")),
                name="ordering_orderfulfilment_pays_back_no_more",
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "-placed_at"], name="ordering_order_of_resident"),
            models.Index(fields=["group", "status"], name="ordering_order_of_group"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="pending_payment"),
                name="ordering_order_to_expire",
            ),
            models.Index(
                fields=["window_ends_at"],
                condition=Q(status="collected"),
                name="ordering_order_to_close",
            ),
            # periods are looked at by the day of payment, and of collection
            models.Index(fields=["paid_at"], name="ordering_order_paid"),
            models.Index(fields=["collected_at"], name="ordering_order_collected"),
            models.Index(
                fields=["placed_by", "group"],
                condition=Q(placed_by__isnull=False),
                name="ordering_order_for_others",
            ),
        ]

    def __str__(self) -> str:
        """Show the number."""
        return self.order_no
