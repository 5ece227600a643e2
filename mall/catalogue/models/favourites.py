"""What a resident likes enough to want to find it again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Favourite(models.Model):
    """A product with a resident's heart on it."""

    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="favourites",
        verbose_name=_("resident"),
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="favourites",
        verbose_name=_("product"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        """One heart per resident and product."""

        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "product"], name="mall_catalogue_favourite_once"
            )
        ]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.product)
