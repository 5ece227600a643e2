"""Bank offers on tied cards: who may have them, who pays for them."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionsConfig(AppConfig):
    """Bank offers on tied cards: who may have them, who pays for them."""

    name = "mall.promotions"
    label = "promotions"
    verbose_name = _("Bank offers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say how an offer is approved."""
        from mall.promotions import offer_approvals  # noqa: PLC0415 - models are ready now

        offer_approvals.register_offers()
