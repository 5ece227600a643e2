"""The way an order is to be paid: a tied card or the acquirer's cashier, and what it then costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall.ordering.errors import PriceChangedError, WayRefusedError
from mall.ordering.payer import payer_ref
from mall.promotions.models import OfferReservation
from mall.promotions.quoting import WayKind, WayQuote, card_facts, quote
from mall.promotions.reservation import reserve, take_budget
from mall.promotions.rules import LineFacts
from payments.api import AgreementView, Money, Scene, agreements_of

CASHIER = WayKind.CASHIER.value


@dataclass(frozen=True, kw_only=True)
class Way:
    """A chosen way of payment with its quote."""

    quote: WayQuote

    @property
    def scene(self) -> Scene:
        """Return where the resident will stand when she pays."""
        return Scene.CARD_TOKEN if self.quote.agreement else Scene.H5

    @property
    def agreement_no(self) -> str:
        """Return the tied card's number, or nothing for the cashier."""
        return self.quote.agreement.agreement_no if self.quote.agreement else ""

    def reserve(self, *, order_no: str, resident_id: int) -> OfferReservation | None:
        """Take the resident's and the card's places in the offer; OfferUsedUpError."""
        if self.quote.offer is None or self.quote.agreement is None:
            return None
        return reserve(
            rule=self.quote.offer,
            order_no=order_no,
            resident_id=resident_id,
            agreement_no=self.agreement_no,
            card=card_facts(self.quote.agreement),
            discount_minor=self.quote.discount.minor,
        )

    def take_budget(self, use: OfferReservation | None) -> None:
        """Count the use against day and budget, among the last of the transaction."""
        if use is not None and self.quote.offer is not None:
            take_budget(use, self.quote.offer)


def choose_way(*, way: str, lines: Sequence[LineFacts], resident_id: int, expected: Money) -> Way:
    """Quote the wished way of payment ("cashier" or a tied card's number) anew.

    WayRefusedError for another's, an untied or an unknown card; PriceChangedError when it no longer
    costs what the resident saw.
    """
    cards = [] if way == CASHIER else [_card(way, resident_id)]
    quoted = quote(lines=lines, cards=cards, resident_id=resident_id).way(way)
    if quoted is None:
        raise WayRefusedError(way=way)
    if quoted.payable != expected:
        raise PriceChangedError(
            payable_minor=quoted.payable.minor,
            discount_minor=quoted.discount.minor,
            was_minor=expected.minor,
        )
    return Way(quote=quoted)


def _card(agreement_no: str, resident_id: int) -> AgreementView:
    for card in agreements_of(payer_ref(resident_id)):
        if card.agreement_no == agreement_no:
            return card
    raise WayRefusedError(way=agreement_no)
