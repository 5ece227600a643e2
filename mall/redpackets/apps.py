"""Red-packet rain: timed sessions, a draw within a budget, published odds."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RedPacketsConfig(AppConfig):
    """Red-packet rain: timed sessions, a draw within a budget, published odds."""

    name = "mall.redpackets"
    label = "redpackets"
    verbose_name = _("Red packets")
    default_auto_field = "django.db.models.BigAutoField"
