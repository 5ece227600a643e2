"""Group buys, the groups of leaders, baskets and sign-up chains."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupBuyConfig(AppConfig):
    """Group buys, the groups of leaders, baskets and sign-up chains."""

    name = "mall.groupbuy"
    label = "groupbuy"
    verbose_name = _("Group buys")
    default_auto_field = "django.db.models.BigAutoField"
