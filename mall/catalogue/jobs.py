"""What happens to goods by the clock: what was changed elsewhere becomes findable."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import F, Q
from oscar.apps.catalogue.models import Product

from mall.catalogue.services import index_product
from payments.api import now

# Somebody saving a product in the dashboard saves its pictures right after it.
_SETTLED: Final = timedelta(seconds=5)


def index_changed(limit: int) -> dict[str, int]:
    """Index what was changed elsewhere, for example in Oscar's dashboard."""
    changed = Product.objects.filter(
        Q(extra=None) | Q(extra__indexed_at=None) | Q(date_updated__gt=F("extra__indexed_at")),
        date_updated__lte=now() - _SETTLED,
    )
    products = list(changed.order_by("pk")[:limit])
    for product in products:
        index_product(product)
    return {"indexed": len(products)}
