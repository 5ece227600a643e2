"""What partners' own systems are told: facts, signed, sent again until they answer."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """What partners' own systems are told: facts, signed, sent again until they answer."""

    name = "mall.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear what partners may be told."""
        handlers = import_module("mall.webhooks.handlers")
        handlers.listen()
