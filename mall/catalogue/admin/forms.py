"""The parts of a product's page: itself, its pictures, its stock with price and cost."""

from __future__ import annotations

from typing import Any, Final

import nh3
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from oscar.apps.catalogue.models import Product, ProductImage
from oscar.apps.partner.models import StockRecord
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from mall.catalogue.costs import cost_of
from mall.catalogue.kinds import goods_class
from mall.papers.uploads import UploadRefusedError, clean_picture
from payments.api import Money

_YUAN_MAX: Final = 1_000_000


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is sold: its name, its text, whether residents may see it."""

    class Meta:
        """Only what a clerk decides."""

        model = Product
        fields = ("title", "upc", "description", "is_public")
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 6})}
        help_texts = {
            "upc": _("A code of your own; with it a spreadsheet finds the product again."),
            "description": _("Paragraphs, lists and bold type stay; anything else is removed."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for a name."""
        super().__init__(*args, **kwargs)
        self.fields["title"].required = True
        if self.instance.pk is None:
            # Oscar asks for these before it looks at a product.
            self.instance.structure = Product.STANDALONE
            self.instance.product_class = goods_class()

    def clean_description(self) -> str:
        """Keep plain markup only: pages print it as it is."""
        return clean_text(self.cleaned_data["description"])


def clean_text(text: str) -> str:
    """Return a text without any markup that could do something."""
    return nh3.clean(text) if "<" in text else text


class PictureForm(forms.ModelForm):  # type: ignore[type-arg]
    """A picture, drawn anew whatever was sent."""

    class Meta:
        """The file and its place."""

        model = ProductImage
        fields = ("original", "display_order")
        help_texts = {"original": _("JPG, PNG or WebP, at most 5 MB; square looks best.")}

    def clean_original(self) -> Any:
        """Draw a new picture; what is stored already stays."""
        picture = self.cleaned_data["original"]
        if "original" not in self.changed_data or not picture:
            return picture
        try:
            return clean_picture(picture)
        except UploadRefusedError as error:
            raise ValidationError(str(error.user_message)) from error


class StockForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who supplies it, at which price and cost; how many there are is counted elsewhere."""

    price_yuan = forms.DecimalField(
        label=_("price (yuan)"),
        min_value=0.01,
        max_value=_YUAN_MAX,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("Outside groups; each group has its own."),
    )
    cost_yuan = forms.DecimalField(
        label=_("cost (yuan)"),
        min_value=0,
        max_value=_YUAN_MAX,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("What the supplier is owed per unit."),
    )
    first_stock = forms.IntegerField(
        label=_("in stock at first"),
        min_value=0,
        max_value=10_000_000,
        required=False,
        help_text=_("Only for a new row; later it is counted under stock in and out."),
    )

    class Meta:
        """What is left to a person; counts are not."""

        model = StockRecord
        fields = ("partner", "partner_sku")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show price and cost as they are."""
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk is None:
            return
        cost = cost_of(row.pk)
        self.fields["price_yuan"].initial = row.price
        self.fields["cost_yuan"].initial = Money(cost).major if cost is not None else None
        self.fields["first_stock"].disabled = True
        self.fields["first_stock"].initial = row.num_in_stock

    @property
    def price_minor(self) -> int:
        """Return the price asked for (fen)."""
        return Money.from_major(self.cleaned_data["price_yuan"]).minor

    @property
    def cost_minor(self) -> int | None:
        """Return the cost asked for (fen), if any."""
        cost = self.cleaned_data.get("cost_yuan")
        return None if cost is None else Money.from_major(cost).minor
