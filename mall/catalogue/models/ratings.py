"""How many stars a product has, from how many people who collected it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ProductRating(models.Model):
    """Sums over the reviews residents can read; no row, no reviews. Written by mall.reviews."""

    product = models.OneToOneField(
        "catalogue.Product",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="rating_of_residents",
        verbose_name=_("product"),
    )
    reviews = models.PositiveIntegerField(_("reviews"), default=0)
    stars = models.PositiveIntegerField(_("stars in all"), default=0)

    class Meta:
        """Between one and five stars a review."""

        verbose_name = _("stars of a product")
        verbose_name_plural = _("stars of products")
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=F("reviews"), stars__lte=F("reviews") * 5),
                name="mall_catalogue_rating_one_to_five",
            )
        ]

    def __str__(self) -> str:
        """Name the product."""
        return str(self.product)
