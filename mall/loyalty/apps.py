"""Points and member days: earned, spent, expired, taken back."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    """Points and member days: earned, spent, expired, taken back."""

    name = "mall.loyalty"
    label = "loyalty"
    verbose_name = _("Points")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what becomes of orders; let two people fix a version of the rules."""
        import_module("mall.loyalty.handlers").listen()
        import_module("mall.loyalty.fixing").make_known()
