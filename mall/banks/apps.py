"""The banks behind the offers: bank, branch, outlet, and who works there."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BanksConfig(AppConfig):
    """The banks behind the offers: bank, branch, outlet, and who works there."""

    name = "mall.banks"
    label = "banks"
    verbose_name = _("Banks")
    default_auto_field = "django.db.models.BigAutoField"
