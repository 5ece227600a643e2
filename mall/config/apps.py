"""The composition root: the only place that names everyone."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    """The composition root: the only place that names everyone."""

    name = "mall.config"
    label = "linli_config"
    verbose_name = _("Linli")
    default_auto_field = "django.db.models.BigAutoField"
