"""What the desk does when an order is placed: count which offers of its card it did not get."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from mall.offerdesk.rehearsal.orders import read_order
from mall.promotions.evaluation import OfferResult, evaluate
from mall.promotions.offers import offer_book
from mall.promotions.reasons import NotYet, Over, WrongCard
from mall.promotions.refusals import note_refusals
from mall.promotions.usage import usage_of
from payments.api import business_date, subscribe

# An order is counted for so many offers at most, however many its bank has.
_OFFERS_MAX: Final = 20


def listen() -> None:
    """Subscribe to placed orders."""
    subscribe("order.placed", "offerdesk.count_refusals", count_refusals)


def count_refusals(payload: dict[str, Any]) -> None:
    """Judge the order once more, after it, and count the reasons; its own use is left out.

    The order's path pays nothing for it. What is not for this card at all is no refusal worth
    counting, nor what has not begun or is over.
    """
    order = read_order(payload["order_no"])
    if order is None or order.card is None:
        return
    results = evaluate(
        offer_book(),
        card=order.card,
        lines=order.lines,
        usage=usage_of(
            resident_id=order.resident_id,
            fingerprints=[order.card.fingerprint],
            day=business_date(order.placed_at),
            except_order=payload["order_no"],
        ),
        now=order.placed_at,
    )
    refused = (result for result in results if _is_telling(result))
    reasons = {
        result.offer.offer_id: result.reason.code
        for result in islice(refused, _OFFERS_MAX)
        if result.reason
    }
    note_refusals(reasons, at=order.placed_at)


def _is_telling(result: OfferResult) -> bool:
    return result.reason is not None and not isinstance(result.reason, WrongCard | NotYet | Over)
