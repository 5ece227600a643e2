"""What fresh food needs beyond Oscar's product: how it is sold, weighed, kept and found."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProductExtra(models.Model):
    """The other half of an Oscar product, in a row of our own."""

    class Storage(models.TextChoices):
        """How it must be kept until it is collected."""

        AMBIENT = "ambient", _("Room temperature")
        CHILLED = "chilled", _("Chilled 0–4 °C")
        FROZEN = "frozen", _("Frozen −18 °C")

    product = models.OneToOneField(
        "catalogue.Product",
        on_delete=models.CASCADE,
        related_name="extra",
        verbose_name=_("product"),
    )
    sales_unit = models.CharField(
        _("sales unit"), max_length=20, help_text=_("For example: box, bag, bunch.")
    )
    net_grams = models.PositiveIntegerField(
        _("net weight in grams"),
        null=True,
        blank=True,
        help_text=_("Of one sales unit; for weighed goods the estimated weight."),
    )
    origin = models.CharField(_("origin"), max_length=60, blank=True)
    storage_class = models.CharField(
        _("storage"), max_length=10, choices=Storage.choices, default=Storage.AMBIENT
    )
    shelf_life_days = models.PositiveSmallIntegerField(
        _("shelf life in days"), null=True, blank=True
    )
    is_weighed = models.BooleanField(_("priced by weight"), default=False)
    weight_tolerance_percent = models.PositiveSmallIntegerField(
        _("heavier at the mall's cost (%)"),
        default=10,
        validators=[MaxValueValidator(100)],
        help_text=_("For weighed goods: how much heavier than ordered a piece may be given out."),
    )
    pieces_per_box = models.PositiveSmallIntegerField(
        _("pieces per box"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many fill one box at a pickup point. Empty: it takes no room."),
    )
    producer = models.CharField(
        pgettext_lazy("of goods", "producer"),
        max_length=80,
        blank=True,
        help_text=_("The farm, ship or workshop, as residents shall read it."),
    )
    organic_certificate = models.CharField(
        _("organic certificate number"),
        max_length=40,
        blank=True,
        help_text=_("Goods are called organic only with one."),
    )
    allergens = models.CharField(
        _("allergens"),
        max_length=120,
        blank=True,
        help_text=_("For example: wheat, milk, peanuts."),
    )
    keeping = models.CharField(
        _("keeping advice"),
        max_length=200,
        blank=True,
        help_text=_("How to keep and use it at home, in a sentence."),
    )
    keywords = models.CharField(
        _("also called"),
        max_length=120,
        blank=True,
        help_text=_("Other names it is searched by, with spaces between them."),
    )
    short_text = models.CharField(_("selling point"), max_length=120, blank=True)
    title_en = models.CharField(_("English title"), max_length=255, blank=True)
    short_text_en = models.CharField(_("English selling point"), max_length=200, blank=True)
    pictures = models.JSONField(_("pictures by size"), default=dict, blank=True, editable=False)
    indexed_at = models.DateTimeField(_("indexed at"), null=True, blank=True, editable=False)
    pinyin = models.CharField(
        _("title in pinyin"), max_length=600, blank=True, editable=False, db_index=True
    )
    initials = models.CharField(
        _("pinyin initials"), max_length=120, blank=True, editable=False, db_index=True
    )
    # beside its name: other names, English, origin, categories; one a line
    found_beside = models.TextField(_("found beside its name"), blank=True, editable=False)

    class Meta:
        """Weighed goods need an estimated weight."""

        verbose_name = _("fresh-goods details")
        verbose_name_plural = _("fresh-goods details")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_weighed=False) | Q(net_grams__isnull=False, net_grams__gt=0),
                name="mall_catalogue_extra_weighed_has_weight",
                violation_error_message=_("Goods priced by weight need an estimated net weight."),
            ),
            models.CheckConstraint(
                condition=Q(pieces_per_box__isnull=True) | Q(pieces_per_box__gt=0),
                name="mall_catalogue_extra_box_holds_something",
                violation_error_message=_("A box holds at least one piece."),
            ),
        ]

    def __str__(self) -> str:
        """Name the unit and its weight."""
        return f"{self.sales_unit} {self.net_grams} g" if self.net_grams else self.sales_unit
