"""A voucher's row as plain facts; which goods a batch counts on is read once a minute."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache
from oscar.apps.offer.models import Range

from mall.vouchers.evaluation import VoucherFacts
from mall.vouchers.funding import shares_of
from mall.vouchers.models import Voucher, VoucherBatch

# Goods move in and out of Oscar's ranges without touching a batch: look again this often.
_FRESH_SECONDS: Final = 60


def facts_of(voucher: Any) -> VoucherFacts:
    """Read a voucher with its batch as plain facts; `is_ours` marks what this order holds."""
    batch: VoucherBatch = voucher.batch
    is_ours = bool(getattr(voucher, "is_ours", False))
    return VoucherFacts(
        voucher_id=voucher.pk,
        voucher_no=voucher.voucher_no,
        name=batch.name,
        worth_minor=voucher.worth_minor,
        threshold_minor=batch.threshold_minor,
        valid_from=voucher.valid_from,
        expires_at=voucher.expires_at,
        claimed_at=voucher.claimed_at,
        funding=shares_of(batch),
        included=None if batch.included_id is None else goods_of(batch.included_id),
        excluded=frozenset() if batch.excluded_id is None else goods_of(batch.excluded_id),
        physical_only=batch.physical_only,
        is_red_packet=batch.kind == VoucherBatch.Kind.RED_PACKET,
        is_free=voucher.state != Voucher.State.LOCKED,
        is_ours=is_ours,
        is_for_the_mall=batch.place != VoucherBatch.Place.MERCHANTS,
    )


def goods_of(range_id: int) -> frozenset[int]:
    """Return the products of a range, at most a minute old."""
    key = f"voucher_goods:{range_id}"
    products: frozenset[int] | None = cache.get(key)
    if products is None:
        goods = Range.objects.get(pk=range_id)
        products = frozenset(goods.all_products().values_list("pk", flat=True))
        cache.set(key, products, _FRESH_SECONDS)
    return products
