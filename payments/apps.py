"""The small bank under the shop: payments, cards, acquirers, ledger."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    """The small bank under the shop: payments, cards, acquirers, ledger."""

    name = "payments"
    label = "payments"
    verbose_name = _("Payments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hang up the system checks; their module needs the models, which are loaded by now."""
        for name in ("acquirer_is_real", "accounts_are_usable"):
            register(import_string(f"payments.checks.{name}"), "linli")
