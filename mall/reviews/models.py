"""What a resident said about goods she collected, once per line of an order."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mall.ordering.models import LineFulfilment


class Review(models.Model):
    """Stars and words about one line; hidden ones stay, with the reason she is told."""

    line = models.OneToOneField(
        LineFulfilment,
        on_delete=models.PROTECT,
        related_name="review",
        verbose_name=_("order line"),
    )
    product = models.ForeignKey(
        "catalogue.Product",
        on_delete=models.PROTECT,
        related_name="resident_reviews",
        verbose_name=_("product"),
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="reviews_written",
        verbose_name=_("resident"),
    )
    # as others read it: masked, or empty for a neighbour without a name
    shown_name = models.CharField(_("shown name"), max_length=40, blank=True)
    stars = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.CharField(_("text"), max_length=500, blank=True)
    at = models.DateTimeField(_("written at"))

    reply = models.CharField(_("the mall's answer"), max_length=300, blank=True)
    replied_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    hidden_at = models.DateTimeField(_("hidden at"), null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("hidden by"),
    )
    hidden_because = models.CharField(_("why hidden"), max_length=200, blank=True)

    class Meta:
        """Read by product, newest first; nothing is hidden without a reason."""

        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(stars__range=(1, 5)), name="mall_reviews_stars"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_because="")
                | (Q(hidden_at__isnull=False) & ~Q(hidden_because="")),
                name="mall_reviews_hidden_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(replied_at__isnull=True, reply="")
                | (Q(replied_at__isnull=False) & ~Q(reply="")),
                name="mall_reviews_answered_with_words",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "-at"], name="mall_reviews_of_product"),
            models.Index(fields=["resident", "-at"], name="mall_reviews_of_resident"),
        ]

    def __str__(self) -> str:
        """Show the stars and the product."""
        return f"{'★' * self.stars} {self.product}"


class ReviewPhoto(models.Model):
    """A picture to a review, written anew by us: no place, no camera, no program in it."""

    review = models.ForeignKey(
        Review, on_delete=models.CASCADE, related_name="photos", verbose_name=_("review")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    image = models.ImageField(
        _("picture"),
        upload_to="reviews/%Y/%m",
        max_length=120,
        width_field="width",
        height_field="height",
    )
    small = models.ImageField(_("small picture"), upload_to="reviews/%Y/%m", max_length=120)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)

    class Meta:
        """In the order she chose."""

        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "position"], name="mall_reviews_photo_position_once"
            )
        ]

    def __str__(self) -> str:
        """Show the position."""
        return str(self.position)
