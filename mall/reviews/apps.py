"""What residents say about goods they collected."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    """What residents say about goods they collected."""

    name = "mall.reviews"
    label = "mall_reviews"
    verbose_name = _("Reviews")
    default_auto_field = "django.db.models.BigAutoField"
