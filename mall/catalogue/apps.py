"""What fresh food needs beyond Oscar's products."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    """What fresh food needs beyond Oscar's products."""

    name = "mall.catalogue"
    label = "mall_catalogue"
    verbose_name = _("Fresh goods")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what is paid for goods; models are loaded only now."""
        import_module("mall.catalogue.handlers").listen()
