"""By what one sees that an order is its leader's own: her account, her card, her telephone."""

from __future__ import annotations

from typing import Final

from mall.ordering.models import OrderFulfilment
from mall.ordering.payer import payer_ref
from payments.api import UnknownNumberError, agreement_view, wallet_of

SELF: Final = "self"
CARD: Final = "card"
PHONE: Final = "phone"


def own_order_signs(order_no: str) -> set[str]:
    """Return the signs that an order is its leader's own; none for an order that is not here.

    self: she is the resident. card: paid with a card that she has tied too, whoever's account it
    is. phone: her telephone is the receiver's; goods are collected at a point, so that is the only
    address an order has. A constant number of questions.
    """
    rows = OrderFulfilment.objects.filter(order_no=order_no).select_related("leader")
    order = rows.only("resident_id", "receiver_phone", "agreement_no", "leader").first()
    if order is None:
        return set()
    found = {
        SELF: order.resident_id == order.leader_id,
        PHONE: bool(order.leader.phone) and order.receiver_phone == order.leader.phone,
        CARD: bool(order.agreement_no) and _is_her_card(order.agreement_no, order.leader_id),
    }
    return {sign for sign, is_there in found.items() if is_there}


def _is_her_card(agreement_no: str, leader_id: int) -> bool:
    try:
        fingerprint = agreement_view(agreement_no).fingerprint
    except UnknownNumberError:
        return False
    hers = {card.fingerprint for card in wallet_of(payer_ref(leader_id))}
    return bool(fingerprint) and fingerprint in hers
