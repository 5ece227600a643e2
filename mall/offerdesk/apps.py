"""The desk of a bank branch: offers written, tried out, launched by two, watched."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfferDeskConfig(AppConfig):
    """The desk of a bank branch: offers written, tried out, launched by two, watched."""

    name = "mall.offerdesk"
    label = "offerdesk"
    verbose_name = _("Offer desk")
    default_auto_field = "django.db.models.BigAutoField"
