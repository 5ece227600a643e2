"""Points and member days: earned, spent, expired, taken back."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    """Points and member days: earned, spent, expired, taken back."""

    name = "mall.loyalty"
    label = "loyalty"
    verbose_name = _("Points")
    default_auto_field = "django.db.models.BigAutoField"
