"""What kind of thing a product is: something one carries home, or not."""

from __future__ import annotations

from django.utils.translation import gettext as _
from oscar.apps.catalogue.models import Product, ProductClass


def is_physical(product: Product) -> bool:
    """Tell whether a product is something to be handed over, as its class says.

    No query when it came with select_related("product_class", "parent__product_class").
    """
    product_class = product.get_product_class()
    return product_class is None or product_class.requires_shipping


def goods_class() -> ProductClass:
    """Return the class of things one carries home; made where there is none."""
    found = ProductClass.objects.filter(requires_shipping=True).order_by("pk").first()
    return found or ProductClass.objects.create(name=_("Goods"), requires_shipping=True)
