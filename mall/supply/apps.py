"""What suppliers must bring: purchase orders, their answers, stock in and out, batches."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupplyConfig(AppConfig):
    """What suppliers must bring: purchase orders, their answers, stock in and out, batches."""

    name = "mall.supply"
    label = "supply"
    verbose_name = _("Suppliers and purchase")
    default_auto_field = "django.db.models.BigAutoField"
