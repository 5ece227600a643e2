"""What the banks owe for their discounts: the monthly claim and the money that came."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimsConfig(AppConfig):
    """What the banks owe for their discounts: the monthly claim and the money that came."""

    name = "mall.claims"
    label = "claims"
    verbose_name = _("Subsidy claims")
    default_auto_field = "django.db.models.BigAutoField"
