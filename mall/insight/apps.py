"""What an offer brought: who saw it, tied, used it, came back."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """What an offer brought: who saw it, tied, used it, came back."""

    name = "mall.insight"
    label = "insight"
    verbose_name = _("Effect")
    default_auto_field = "django.db.models.BigAutoField"
