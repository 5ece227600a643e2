"""Consumption vouchers: batches, claim rounds, the resident's wallet, redemption by merchants."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VouchersConfig(AppConfig):
    """Consumption vouchers: batches, claim rounds, the resident's wallet, redemption by merchants."""

    name = "mall.vouchers"
    label = "vouchers"
    verbose_name = _("Vouchers")
    default_auto_field = "django.db.models.BigAutoField"
