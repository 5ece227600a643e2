"""The composition root: the only place that names everyone."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from mall.config import checks


class ConfigConfig(AppConfig):
    """The composition root: the only place that names everyone."""

    name = "mall.config"
    label = "linli_config"
    verbose_name = _("Linli")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hang up the system checks; give the whole admin one look, now that all of it is known."""
        for check in checks.ALL:
            register(check, checks.TAG)
        # By its name: it needs models, and these are not there yet while this file is read.
        import_string("mall.config.admin_look.dress")()
