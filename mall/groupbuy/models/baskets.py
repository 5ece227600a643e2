"""A resident's basket belongs to one group; each group she visits has its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mall.groupbuy.models.groups import LeaderGroup


class GroupBasket(models.Model):
    """Binds an Oscar basket to a group and to a person, or to the cookie of somebody unknown."""

    basket = models.OneToOneField(
        "basket.Basket",
        on_delete=models.CASCADE,
        related_name="group_basket",
        verbose_name=_("basket"),
    )
    group = models.ForeignKey(
        LeaderGroup,
        on_delete=models.CASCADE,
        related_name="baskets",
        verbose_name=pgettext_lazy("group buying", "group"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="group_baskets",
        verbose_name=_("resident"),
    )
    token = models.CharField(_("cookie token"), max_length=64, blank=True)
    is_live = models.BooleanField(_("still being filled"), default=True)
    tolerances = models.JSONField(
        _("more, so that a case fills, by product"), default=dict, blank=True
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        """One live basket per group and person, or per group and cookie."""

        verbose_name = _("group basket")
        verbose_name_plural = _("group baskets")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, token="") | (Q(user__isnull=True) & ~Q(token="")),
                name="groupbuy_basket_one_owner",
            ),
            models.UniqueConstraint(
                fields=["group", "user"],
                condition=Q(is_live=True, user__isnull=False),
                name="groupbuy_basket_live_per_user",
            ),
            models.UniqueConstraint(
                fields=["group", "token"],
                condition=Q(is_live=True) & ~Q(token=""),
                name="groupbuy_basket_live_per_token",
            ),
        ]

    def __str__(self) -> str:
        """Name the group."""
        return f"{self.group}"
