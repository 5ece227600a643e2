"""Communities and the points where goods are collected."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PickupConfig(AppConfig):
    """Communities and the points where goods are collected."""

    name = "mall.pickup"
    label = "pickup"
    verbose_name = _("Pickup points")
    default_auto_field = "django.db.models.BigAutoField"
