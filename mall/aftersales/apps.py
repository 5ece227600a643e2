"""What was wrong with the goods: cases, decisions, who bears it, recalls."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AftersalesConfig(AppConfig):
    """What was wrong with the goods: cases, decisions, who bears it, recalls."""

    name = "mall.aftersales"
    label = "aftersales"
    verbose_name = _("After-sales")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what payments and orders tell."""
        handlers = import_module("mall.aftersales.handlers")
        handlers.listen()
