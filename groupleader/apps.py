"""Who leads groups, what they earn, and what was paid out."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupLeaderConfig(AppConfig):
    """Who leads groups, what they earn, and what was paid out."""

    name = "groupleader"
    label = "groupleader"
    verbose_name = _("Group leaders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what the floors below tell; models are loaded only now."""
        import_module("groupleader.handlers").listen()
        import_module("groupleader.portal.fresh").listen()
