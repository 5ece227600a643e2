"""What vouchers do when a card was tied."""

from __future__ import annotations

from mall.vouchers.gifts import give_for_signing
from payments.api import subscribe


def listen() -> None:
    """Hear of tied cards."""
    subscribe("agreement.signed", "vouchers.first_tie_gift", give_for_signing)
