"""Orders from placing to closing, with their stock and money."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrderingConfig(AppConfig):
    """Orders from placing to closing, with their stock and money."""

    name = "mall.ordering"
    label = "ordering"
    verbose_name = _("Orders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what payments and groups tell."""
        handlers = import_module("mall.ordering.handlers")
        handlers.listen()
