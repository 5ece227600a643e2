"""Consumption vouchers: batches, claim rounds, the resident's wallet, redemption by merchants."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class VouchersConfig(AppConfig):
    """Consumption vouchers: batches, claim rounds, the resident's wallet, merchants' counters."""

    name = "mall.vouchers"
    label = "vouchers"
    verbose_name = pgettext_lazy("consumption", "Vouchers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of tied cards; make batches known to approvals."""
        import_module("mall.vouchers.handlers").listen()
        import_module("mall.vouchers.approving").register_batches()
