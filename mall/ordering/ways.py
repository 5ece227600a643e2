"""The way an order is to be paid, with everything that is taken off its price on that way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mall.loyalty import spending as points
from mall.ordering.errors import PriceChangedError, WayRefusedError
from mall.ordering.models import OrderDiscount, OrderFulfilment
from mall.ordering.payer import payer_ref
from mall.ordering.pricing import NO_VOUCHER, Pricing, Wish, price
from mall.ordering.tenders import Split, split_of
from mall.promotions.models import OfferReservation
from mall.promotions.quoting import WayKind, WayQuote, card_facts
from mall.promotions.reservation import release as release_offer
from mall.promotions.reservation import reserve, take_budget
from mall.promotions.rules import LineFacts
from mall.vouchers import holding as vouchers
from payments.api import AgreementView, Money, Scene, agreements_of

Source = OrderDiscount.Source
CASHIER = WayKind.CASHIER.value
_WITHOUT_CARD: Final = frozenset({CASHIER, ""})


@dataclass(frozen=True, kw_only=True)
class Way:
    """A chosen way of payment with its price."""

    pricing: Pricing
    split: Split
    resident_id: int
    device: str = ""
    # at the cashier; nothing with a tied card
    purse: str = ""
    at_cashier: Scene = Scene.H5
    payer_ip: str = ""

    @property
    def quote(self) -> WayQuote:
        """Return what the tied card's offer does."""
        return self.pricing.way

    @property
    def scene(self) -> Scene:
        """Return where the resident will stand when she pays."""
        return Scene.CARD_TOKEN if self.quote.agreement else self.at_cashier

    @property
    def agreement_no(self) -> str:
        """Return the tied card's number, or nothing for the cashier."""
        return self.quote.agreement.agreement_no if self.quote.agreement else ""

    @property
    def offer_name(self) -> str:
        """Return what the bank offer is called, or nothing."""
        return self.quote.offer.name if self.quote.offer else ""

    def hold(self, order_no: str) -> OfferReservation | None:
        """Hold her voucher, her points, and her and her card's places in the offer.

        VoucherGoneError, NotEnoughPointsError or OfferUsedUpError where one of them just went.
        """
        pricing = self.pricing
        if pricing.voucher is not None:
            vouchers.lock(
                voucher_no=pricing.voucher.voucher_no,
                resident_id=self.resident_id,
                order_no=order_no,
                discount_minor=pricing.voucher.discount_minor,
            )
        if pricing.points_used:
            points.hold(
                resident_id=self.resident_id,
                order_no=order_no,
                points=pricing.points_used,
                discount_minor=pricing.points_minor,
            )
        if self.quote.offer is None or self.quote.agreement is None:
            return None
        return reserve(
            rule=self.quote.offer,
            order_no=order_no,
            resident_id=self.resident_id,
            agreement_no=self.agreement_no,
            card=card_facts(self.quote.agreement),
            discount_minor=pricing.offer_minor,
            device=self.device,
        )

    def take_budget(self, use: OfferReservation | None) -> None:
        """Count the use against day and budget, among the last of the transaction."""
        if use is not None and self.quote.offer is not None:
            take_budget(use, self.quote.offer)

    def free_what_changes(self, order: OrderFulfilment) -> None:
        """Give back what an unpaid order holds and this way of paying does not keep.

        A voucher or points it keeps stay held, also where they have expired since.
        """
        keeps = {
            (each.source, each.source_no, each.minor)
            if each.source == Source.POINTS
            else (each.source, each.source_no)
            for each in self.split.discounts
        }
        for held in order.discounts.all():
            same = (held.source, held.source_no)
            if held.source == Source.VOUCHER and same not in keeps:
                vouchers.release(order.order_no)
            elif held.source == Source.POINTS and (*same, held.estimated_minor) not in keeps:
                points.release(order.order_no)
        release_offer(order.order_no)


def give_up(order_no: str) -> None:
    """Free what an unpaid order holds of voucher, points and offer; repeated, nothing happens."""
    vouchers.release(order_no)
    points.release(order_no)
    release_offer(order_no)


def choose_way(
    *,
    wish: Wish,
    lines: Sequence[LineFacts],
    resident_id: int,
    expected: Money,
    device: str = "",
    except_order: str = "",
) -> Way:
    """Price the wish anew; what is charged is what the resident saw, or nothing is.

    WayRefusedError for another's, an untied or an unknown card; PriceChangedError with every new
    figure when it no longer costs what she saw or her voucher does not go any more. What
    ``except_order`` holds is free: it is the order that is to be paid another way.
    """
    cards = [] if wish.way == CASHIER else agreements_of(payer_ref(resident_id))
    if wish.way not in _WITHOUT_CARD:
        cards = [_card(wish.way, cards)]
    priced = price(
        lines=lines,
        wish=wish,
        resident_id=resident_id,
        cards=cards,
        device=device,
        except_order=except_order,
    )
    named = wish.voucher_no not in {"", NO_VOUCHER}
    has_voucher = priced.voucher is not None and priced.voucher.voucher_no == wish.voucher_no
    if priced.payable != expected or (named and not has_voucher):
        raise PriceChangedError(**figures(priced), was_minor=expected.minor)
    return Way(
        pricing=priced,
        split=split_of(priced, lines=len(lines)),
        resident_id=resident_id,
        device=device,
        purse="" if priced.way.agreement else wish.purse,
        at_cashier=Scene(wish.scene or Scene.H5),
        payer_ip=wish.payer_ip,
    )


def figures(priced: Pricing) -> dict[str, int]:
    """Return every part of a price (fen), for whoever has to look at it again."""
    return {
        "goods_minor": priced.goods.minor,
        "voucher_minor": priced.voucher_minor,
        "points_minor": priced.points_minor,
        "offer_minor": priced.offer_minor,
        "discount_minor": priced.discount_minor,
        "payable_minor": priced.payable.minor,
    }


def _card(agreement_no: str, cards: Sequence[AgreementView]) -> AgreementView:
    for card in cards:
        if card.agreement_no == agreement_no:
            return card
    raise WayRefusedError(way=agreement_no)
