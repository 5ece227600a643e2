"""The small bank under the shop: payments, cards, acquirers, ledger."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The small bank under the shop: payments, cards, acquirers, ledger."""

    name = "payments"
    label = "payments"
    verbose_name = _("Payments")
    default_auto_field = "django.db.models.BigAutoField"
