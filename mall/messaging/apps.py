"""What people are told: in the mall and on their telephones; kept, sent, tried again."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """What people are told: in the mall and on their telephones; kept, sent, tried again."""

    name = "mall.messaging"
    label = "messaging"
    verbose_name = _("Messages")
    default_auto_field = "django.db.models.BigAutoField"
