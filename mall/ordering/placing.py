"""Placing an order: everything scarce is taken and the payment opened, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.catalogue.titles import title_of
from mall.groupbuy.baskets import require_selling, submit_basket
from mall.groupbuy.errors import BasketGoneError
from mall.groupbuy.models import GroupBasket
from mall.groupbuy.readiness import require_on_sale
from mall.ordering import allowances, stock
from mall.ordering.errors import CheckoutKeyError, LimitError, SoldOutError
from mall.ordering.facts import tell_placed
from mall.ordering.guarding import require_minimum
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import Debt, open_payment
from mall.ordering.pricing import Wish
from mall.ordering.rows import NewOrder, Receiver, pay_until, write_order
from mall.ordering.wanted import WantedLine, wanted_lines
from mall.ordering.ways import choose_way
from mall.pickup import capacity
from mall.promotions.errors import OfferUsedUpError
from mall.promotions.refusals import note_refusals
from payments.api import Money, new_number, now, transact

# How a use that went between quote and order is counted, by what was used up.
_GONE: Final = {"total": "used_up", "day": "used_up_today", "month": "used_up_this_month"}


def place_order(  # noqa: PLR0913 - what a checkout page sends, each by its name
    *,
    resident: User,
    group_basket: GroupBasket,
    receiver: Receiver,
    wish: Wish,
    expected_payable: Money,
    idem_key: str,
    device: str = "",
) -> OrderFulfilment:
    """Place the order for a basket as wished: way of payment, voucher, points, bank offer.

    ``expected_payable`` is what she was shown to pay in the end. ``device`` names her browser, for
    offers that count per device.
    The same checkout key, or the same basket again, returns the first order. Refused with nothing
    written: CutOffError and the like, PointClosedError, EmptyBasketError, ItemGoneError,
    SoldOutError and LimitError (figures per item), MinimumOrderError, PointFullError,
    SalesPausedError, WayRefusedError, PriceChangedError with every
    new figure, VoucherGoneError, NotEnoughPointsError, OfferUsedUpError, CheckoutKeyError. Then
    pay_order() asks the acquirer.
    """
    checkout = Checkout(
        resident=resident,
        receiver=receiver,
        wish=wish,
        expected_payable=expected_payable,
        idem_key=idem_key,
        device=device,
    )
    try:
        return _place(checkout, group_basket.pk)
    except OfferUsedUpError as refusal:
        note_refusals({refusal.data["offer"]: _GONE.get(refusal.data["scope"], "limit_reached")})
        raise
    except IntegrityError:
        # Another request with the same key or basket was quicker; any other reason is raised again.
        placed = _placed(resident, group_basket.basket_id, idem_key)
        if placed is None:
            raise
        return placed


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """What is wished for an order, by whom and for whom."""

    resident: User
    receiver: Receiver
    wish: Wish
    expected_payable: Money
    idem_key: str
    device: str = ""
    # somebody who orders for her; then the goods wait for her money as long as they can
    placed_by: User | None = None
    continue_url: Callable[[str], str] | None = None


@transact()
def _place(checkout: Checkout, group_basket_id: int) -> OrderFulfilment:
    basket = _locked(group_basket_id, checkout.resident)
    if not basket.is_live:
        return _already_placed(checkout.resident, basket, checkout.idem_key)
    return write_up(checkout, basket, wanted_lines(basket))


def write_up(
    checkout: Checkout, basket: GroupBasket, lines: Sequence[WantedLine]
) -> OrderFulfilment:
    """Price, write and hold an order of a basket; in the transaction that has the basket locked."""
    at = now()
    group_buy = basket.group.group_buy
    require_selling(basket.group, at=at)
    require_on_sale([line.item for line in lines], pickup_on=group_buy.pickup_on)
    require_minimum(group_buy, goods_minor=sum(line.value_minor for line in lines))
    chosen = choose_way(
        wish=checkout.wish,
        lines=[line.facts for line in lines],
        resident_id=checkout.resident.pk,
        expected=checkout.expected_payable,
        device=checkout.device,
    )
    order_no = new_number("M")
    debt = Debt(
        order_no=order_no,
        resident_id=checkout.resident.pk,
        expires_at=group_buy.pay_until if checkout.placed_by else pay_until(group_buy, at),
        subject=group_buy.title,
        continue_url=checkout.continue_url(order_no) if checkout.continue_url else "",
    )
    payment = open_payment(debt, way=chosen)
    return _write(
        NewOrder(
            order_no=order_no,
            basket=basket,
            resident_id=checkout.resident.pk,
            receiver=checkout.receiver,
            lines=lines,
            way=chosen,
            idem_key=checkout.idem_key,
            payment_no=payment.payment_no,
            placed_at=at,
            expires_at=debt.expires_at,
            placed_by_id=checkout.placed_by.pk if checkout.placed_by else None,
            boxes=_boxes(lines),
        )
    )


def _locked(group_basket_id: int, resident: User) -> GroupBasket:
    """Lock the basket: of two requests that order it the second one waits, then finds the order."""
    baskets = GroupBasket.objects.select_for_update(of=("self",), no_key=True)
    baskets = baskets.select_related("group__group_buy", "group__pickup_point")
    basket = baskets.filter(pk=group_basket_id, user=resident).first()
    if basket is None:
        raise BasketGoneError
    return basket


def _write(new: NewOrder) -> OrderFulfilment:
    """Write the order; what everybody wants (budget, room, quota, stock) is taken last."""
    written = write_order(new)
    try:
        allowances.take(
            resident_id=new.resident_id, items={line.item: line.quantity for line in new.lines}
        )
        use = new.way.hold(new.order_no)
        tell_placed(written.order, written.lines, written.discounts)
        if new.basket.is_live:
            submit_basket(group_basket=new.basket)
        new.way.take_budget(use)
        capacity.take(
            point_id=written.order.pickup_point_id,
            day=new.basket.group.group_buy.pickup_on,
            boxes=new.boxes,
        )
        stock.hold([_wanted(line) for line in new.lines])
    except (SoldOutError, LimitError) as refusal:
        _name_items(refusal, new.lines)
        raise
    return written.order


def _boxes(lines: Sequence[WantedLine]) -> int:
    if not any(line.takes_room for line in lines):
        return 0
    return capacity.boxes_of({line.item.product_id: line.quantity for line in lines})


def _wanted(line: WantedLine) -> stock.Wanted:
    return stock.Wanted(
        item_id=line.item.pk,
        stockrecord_id=line.item.stockrecord_id,
        quantity=line.quantity,
    )


def _name_items(refusal: SoldOutError | LimitError, lines: Sequence[WantedLine]) -> None:
    """Say which goods and how many are left, in the reader's language."""
    titles = {line.item.pk: title_of(line.product) for line in lines}
    for row in refusal.data["items"]:
        row["title"] = titles[row["item_id"]]
    rows = refusal.data["items"]
    refusal.user_message = " ".join(_sentence(row) for row in rows) or refusal.message


def _sentence(row: dict[str, Any]) -> str:
    if row.get("scope") == "order":
        return _("%(title)s: at most %(left)s per order.") % row
    if row.get("scope") == "day":
        return _("%(title)s: only %(left)s more today.") % row
    if row["left"] == 0:
        return _("%(title)s is sold out.") % row
    return _("%(title)s: only %(left)s left.") % row


def _already_placed(resident: User, basket: GroupBasket, idem_key: str) -> OrderFulfilment:
    placed = _placed(resident, basket.basket_id, idem_key)
    if placed is None:
        raise BasketGoneError
    return placed


def _placed(resident: User, basket_id: int, idem_key: str) -> OrderFulfilment | None:
    """Find what an earlier request of the same checkout placed; CheckoutKeyError for another's."""
    own = OrderFulfilment.objects.filter(resident=resident)
    by_key = own.filter(idem_key=idem_key).first()
    if by_key is not None and by_key.basket_id != basket_id:
        raise CheckoutKeyError(order_no=by_key.order_no)
    return by_key or own.filter(basket_id=basket_id).exclude(status=Status.CANCELLED).first()
