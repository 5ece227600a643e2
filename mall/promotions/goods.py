"""What a bank offer looks at in a product."""

from __future__ import annotations

from oscar.apps.catalogue.models import Product

from mall.catalogue.kinds import is_physical
from mall.promotions.rules import LineFacts


def line_facts(product: Product, *, value_minor: int) -> LineFacts:
    """Return the facts of a line of a product worth so much (fen, after other discounts).

    No query when the product came with select_related("product_class", "parent__product_class").
    """
    return LineFacts(
        product_id=product.pk, value_minor=value_minor, is_physical=is_physical(product)
    )
