"""One leader's run of a group buy at one pickup point, and its public sign-up chain."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models.buys import GroupBuy, new_code
from mall.groupbuy.models.states import State


class LeaderGroup(models.Model):
    """What residents join, known by its share code. Only mall.groupbuy.entries moves the counts."""

    class Minimum(models.TextChoices):
        """What must be reached by the cut-off for the group to form."""

        NONE = "none", _("No minimum")
        PEOPLE = "people", _("People")
        QUANTITY = "quantity", _("Pieces")
        AMOUNT = "amount", _("Amount in fen")

    group_buy = models.ForeignKey(
        GroupBuy, on_delete=models.CASCADE, related_name="groups", verbose_name=_("group buy")
    )
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="leader_groups",
        verbose_name=_("group leader"),
    )
    pickup_point = models.ForeignKey(
        "pickup.PickupPoint",
        on_delete=models.PROTECT,
        related_name="leader_groups",
        verbose_name=_("pickup point"),
    )
    share_code = models.CharField(
        _("share code"), max_length=16, unique=True, default=new_code, editable=False
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT, editable=False
    )
    minimum_kind = models.CharField(
        _("minimum"), max_length=10, choices=Minimum.choices, default=Minimum.NONE
    )
    minimum_value = models.PositiveIntegerField(_("minimum value"), default=0)
    last_number = models.PositiveIntegerField(
        _("last number in the chain"), default=0, editable=False
    )
    joined_count = models.IntegerField(_("residents joined"), default=0, editable=False)
    order_count = models.IntegerField(_("paid orders"), default=0, editable=False)
    quantity = models.IntegerField(_("pieces"), default=0, editable=False)
    amount_minor = models.BigIntegerField(_("goods amount in fen"), default=0, editable=False)
    version = models.PositiveIntegerField(_("changes so far"), default=0, editable=False)
    prolonged_at = models.DateTimeField(
        _("prolonged by the leader at"), null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        """One group per pickup point in a group buy."""

        verbose_name = pgettext_lazy("group buying", "group")
        verbose_name_plural = pgettext_lazy("group buying", "groups")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group_buy", "pickup_point"], name="groupbuy_group_point_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    joined_count__gte=0, order_count__gte=0, quantity__gte=0, amount_minor__gte=0
                ),
                name="groupbuy_group_counts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(minimum_kind="none", minimum_value=0)
                | (~Q(minimum_kind="none") & Q(minimum_value__gt=0)),
                name="groupbuy_group_minimum_has_value",
                violation_error_message=_(
                    "A minimum needs a number above 0, and no minimum needs none."
                ),
            ),
        ]

    def __str__(self) -> str:
        """Name sale and point."""
        return f"{self.group_buy} · {self.pickup_point}"


class Entry(models.Model):
    """A resident's line in the chain. Numbers have no gaps: a refunded entry is withdrawn, kept."""

    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    number = models.PositiveIntegerField(_("number"))
    order_no = models.CharField(_("order number"), max_length=32, db_index=True)
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("resident"),
    )
    masked_name = models.CharField(_("masked name"), max_length=40, blank=True)
    summary = models.CharField(_("what was ordered"), max_length=300)
    items = models.JSONField(_("pieces by item"), default=dict, blank=True, editable=False)
    remark = models.CharField(_("remark"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(_("pieces"))
    amount_minor = models.PositiveIntegerField(_("goods amount in fen"))
    at = models.DateTimeField(_("joined at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        """Numbered per group; one living one per order, which may move to another group."""

        verbose_name = _("chain entry")
        verbose_name_plural = _("chain entries")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="groupbuy_entry_number_once"),
            models.UniqueConstraint(
                fields=["order_no"],
                condition=Q(withdrawn_at__isnull=True),
                name="groupbuy_entry_one_living_per_order",
            ),
        ]
        indexes = [models.Index(fields=["group", "-number"], name="groupbuy_entry_chain")]

    def __str__(self) -> str:
        """Show the line as the chain does."""
        return f"{self.number}. {self.masked_name} {self.summary}"
