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
        """Hang up the system check; its module needs the models, which are loaded by now."""
        register(import_string("payments.checks.acquirer_is_real"), "linli")
