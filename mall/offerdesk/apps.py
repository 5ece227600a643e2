"""The desk of a bank branch: offers written, tried out, launched by two, watched."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfferDeskConfig(AppConfig):
    """The desk of a bank branch: offers written, tried out, launched by two, watched."""

    name = "mall.offerdesk"
    label = "offerdesk"
    verbose_name = _("Offer desk")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of orders, to count why offers were not given."""
        import_module("mall.offerdesk.handlers").listen()
