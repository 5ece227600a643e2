"""Red-packet rain: timed sessions, a draw within a budget, published odds."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RedPacketsConfig(AppConfig):
    """Red-packet rain: timed sessions, a draw within a budget, published odds."""

    name = "mall.redpackets"
    label = "redpackets"
    verbose_name = _("Red packets")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let two people announce a rain."""
        import_module("mall.redpackets.announcing").make_known()
