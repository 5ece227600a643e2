"""Who people are: residents, leaders and staff, signed in by phone."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who people are: residents, leaders and staff, signed in by phone."""

    name = "mall.accounts"
    label = "accounts"
    verbose_name = _("People")
    default_auto_field = "django.db.models.BigAutoField"
