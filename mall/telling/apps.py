"""Who is told what when something happened: facts become messages."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TellingConfig(AppConfig):
    """Who is told what when something happened: facts become messages."""

    name = "mall.telling"
    label = "telling"
    verbose_name = _("Telling people")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what happens."""
        handlers = import_module("mall.telling.handlers")
        handlers.listen()
