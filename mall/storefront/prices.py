"""A basket or an order priced for a resident: one price for bar, basket, checkout and cashier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mall.accounts.models import User
from mall.ordering.payer import payer_ref
from mall.ordering.pricing import Pricing, Wish, price
from mall.promotions.rules import LineFacts
from mall.storefront.choices import AtCashier, points_switch, voucher_rows, way_rows
from mall.storefront.sums import sum_of
from mall.storefront.wishes import OPEN
from payments.api import agreements_of


def price_for(
    lines: Sequence[LineFacts],
    person: User | None,
    *,
    wish: Wish = OPEN,
    device: str = "",
    except_order: str = "",
) -> Pricing:
    """Price what she is about to pay by her wish; what she left open is chosen best for her."""
    return price(
        lines=lines,
        wish=wish,
        resident_id=person.pk if person else None,
        cards=agreements_of(payer_ref(person.pk)) if person else (),
        device=device,
        except_order=except_order,
    )


def panel_of(pricing: Pricing, wish: Wish, at_cashier: AtCashier) -> dict[str, Any]:
    """Return everything she may choose, and the sum it comes to."""
    return sum_of(pricing) | {
        "vouchers": voucher_rows(pricing, wish),
        "points": points_switch(pricing, wish),
        "ways": way_rows(pricing, at_cashier),
    }


def offers_shown(pricing: Pricing) -> set[str]:
    """Return the codes of the offers a panel shows: those that save something on her cards."""
    return {way.offer.code for way in pricing.quote.ways if way.offer}
