"""The door for programs: what residents' and leaders' apps may ask, as JSON."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RestApiConfig(AppConfig):
    """The door for programs: what residents' and leaders' apps may ask, as JSON."""

    name = "mall.rest_api"
    label = "rest_api"
    verbose_name = _("Interface for programs")
    default_auto_field = "django.db.models.BigAutoField"
