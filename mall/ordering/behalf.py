"""Orders for somebody who cannot order herself: her leader types it in, she pays by a link.

The goods wait for her money until the sale's grace is over, longer than for an order of her own:
she may see the message hours later. So that nobody empties a sale with orders no one pays, a leader
has only so many unpaid orders for others in a group at a time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from oscar.apps.basket.models import Basket

from mall.accounts.models import User
from mall.accounts.phones import normalise_phone
from mall.accounts.profiles import rename
from mall.accounts.signing_in import account_of
from mall.groupbuy.baskets import MOST_PER_LINE, save_line
from mall.groupbuy.errors import ItemGoneError, QuantityError
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup
from mall.ordering.ending import cancel_order
from mall.ordering.errors import (
    EmptyBasketError,
    NoNameError,
    OrderGoneError,
    PayLinkOverError,
    TooManyForOthersError,
    WayRefusedError,
)
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import pay_order
from mall.ordering.placing import Checkout, write_up
from mall.ordering.pricing import NO_VOUCHER, Wish
from mall.ordering.rows import Receiver
from mall.ordering.wanted import lines_of_sale
from mall.ordering.ways import CASHIER
from payments.api import Money, PaymentStep, business_date, day_bounds, now, transact

_NAME_MAX: Final = 40
_REMARK_MAX: Final = 100
_KEY_MAX: Final = 2**63 - 1
# Her voucher, points and cards are hers to use: the leader's order takes none of them.
_PLAIN: Final = Wish(way=CASHIER, voucher_no=NO_VOUCHER)
_LINK_LASTS: Final = timedelta(days=30)
_signer = Signer(salt="mall.ordering.behalf", sep="~")


def place_for(  # noqa: PLR0913 - what the leader's form sends, each by its name
    *,
    leader: User,
    group_id: int,
    phone: str,
    name: str,
    items: Mapping[int, int],
    remark: str = "",
    idem_key: str = "",
) -> OrderFulfilment:
    """Order for a neighbour in the leader's own group: so many of each item, at the group's price.

    The neighbour is found or made by her phone, as typed. She is told by the fact order.placed,
    which names who ordered; pay_link_of() is where she pays. The same key again returns the first
    order. Refused with nothing written: OrderGoneError for a group that is not the leader's,
    InvalidPhoneError, NoNameError, EmptyBasketError, QuantityError, ItemGoneError,
    TooManyForOthersError, and whatever refuses an order of her own (place_order).
    """
    key = idem_key or secrets.token_urlsafe(16)
    number = normalise_phone(phone)
    receiver = Receiver(name=_one_line(name, _NAME_MAX), phone=number, remark=_one_line(remark))
    if not receiver.name:
        raise NoNameError
    wanted = {item: quantity for item, quantity in items.items() if quantity}
    if not wanted:
        raise EmptyBasketError
    if any(not 0 < quantity <= MOST_PER_LINE for quantity in wanted.values()):
        raise QuantityError
    if strangers := [item for item in wanted if not 0 < item <= _KEY_MAX]:
        raise ItemGoneError(item_ids=strangers)
    try:
        return _place_for(leader, group_id=group_id, receiver=receiver, items=wanted, key=key)
    except IntegrityError:
        # The same form sent twice at once; any other reason is raised again.
        before = _before(leader, number, key)
        if before is None:
            raise
        return before


def pay_link_of(order: OrderFulfilment) -> str:
    """Return the token under which an order for somebody is paid without signing in."""
    return _token(order.order_no)


def order_of_pay_link(token: str) -> OrderFulfilment:
    """Return the order a link is for; OrderGoneError for a forged one, or an order of her own.

    PayLinkOverError a month after it could be paid: whoever finds the link then learns nothing.
    """
    try:
        order_no = _signer.unsign(token)
    except BadSignature as wrong:
        raise OrderGoneError from wrong
    orders = OrderFulfilment.objects.select_related("group_buy", "pickup_point", "placed_by")
    order = orders.filter(order_no=order_no, placed_by__isnull=False).first()
    if order is None:
        raise OrderGoneError
    if order.expires_at < now() - _LINK_LASTS:
        raise PayLinkOverError
    return order


def pay_by_link(token: str) -> PaymentStep:
    """Pay at the cashier what was ordered for somebody; whoever holds the link may. Network.

    WayRefusedError once she chose a tied card: that is hers alone, signed in.
    """
    order = order_of_pay_link(token)
    if order.agreement_no:
        raise WayRefusedError(
            _("A tied card was chosen for this order. Please sign in to pay it."),
            way=order.agreement_no,
        )
    return pay_order(order_no=order.order_no, resident_id=order.resident_id)


def cancel_for(*, leader: User, order_no: str) -> OrderFulfilment:
    """Cancel an unpaid order the leader placed for somebody. Network: no transaction.

    OrderGoneError for one she did not place, NotCancellableError once it is paid: from then on it
    is the neighbour's alone.
    """
    order = OrderFulfilment.objects.filter(order_no=order_no, placed_by=leader).first()
    if order is None:
        raise OrderGoneError(order_no=order_no)
    return cancel_order(order_no=order_no, resident_id=order.resident_id)


def unpaid_for_others(*, leader_id: int, group_id: int) -> int:
    """Return how many orders for others a leader has waiting for money in a group."""
    return _unpaid(leader_id, group_id).count()


@transact()
def _place_for(
    leader: User, *, group_id: int, receiver: Receiver, items: Mapping[int, int], key: str
) -> OrderFulfilment:
    before = _before(leader, receiver.phone, key)
    if before is not None:
        return before
    group = _locked_group(leader, group_id)
    resident = _resident(receiver)
    _require_few(leader, group)
    _require_few_for(resident)
    basket = _basket(group, resident, items)
    lines = lines_of_sale(
        group_buy_id=group.group_buy_id, quantities=_by_product(group, items), tolerances={}
    )
    checkout = Checkout(
        resident=resident,
        receiver=receiver,
        wish=_PLAIN,
        expected_payable=Money(sum(line.value_minor for line in lines)),
        idem_key=key,
        placed_by=leader,
        continue_url=_pay_page,
    )
    return write_up(checkout, basket, lines)


def _locked_group(leader: User, group_id: int) -> LeaderGroup:
    """Lock the leader's group: her orders for others are counted one after the other."""
    groups = LeaderGroup.objects.select_for_update(of=("self",), no_key=True)
    groups = groups.select_related("group_buy", "pickup_point")
    group = groups.filter(pk=group_id, leader=leader).first()
    if group is None:
        raise OrderGoneError(_("This is not a group of yours."))
    return group


def _resident(receiver: Receiver) -> User:
    """Find her by phone, or make her an account that waits for her first sign-in."""
    is_new = not User.objects.filter(phone=receiver.phone).exists()
    resident = account_of(phone=receiver.phone)
    if not resident.is_active:
        raise OrderGoneError(_("No orders can be placed for this number."))
    if is_new:
        rename(user=resident, display_name=receiver.name)
    return resident


def _require_few(leader: User, group: LeaderGroup) -> None:
    today, _end = day_bounds(business_date())
    placed = OrderFulfilment.objects.filter(placed_by=leader, placed_at__gte=today)
    if placed.count() >= settings.LINLI_ORDERS_FOR_OTHERS_A_DAY:
        raise TooManyForOthersError(
            _("You have placed many orders for others today. Please go on tomorrow."),
            a_day=settings.LINLI_ORDERS_FOR_OTHERS_A_DAY,
        )
    waiting = _unpaid(leader.pk, group.pk).count()
    if waiting >= settings.LINLI_ORDERS_FOR_OTHERS:
        raise TooManyForOthersError(
            _(
                "%(count)d orders you placed for others are not paid yet. Please have some of "
                "them paid or cancelled first: their goods are held for them."
            )
            % {"count": waiting},
            unpaid=waiting,
        )


def _require_few_for(resident: User) -> None:
    """Let nobody's telephone ring all day long: each order for her is a message at once."""
    today, _end = day_bounds(business_date())
    placed = OrderFulfilment.objects.filter(
        resident=resident, placed_by__isnull=False, placed_at__gte=today
    )
    if placed.count() >= settings.LINLI_ORDERS_FOR_ONE_A_DAY:
        raise TooManyForOthersError(
            _(
                "%(count)d orders were placed for this neighbour today already. She can order "
                "more herself, or you place another one tomorrow."
            )
            % {"count": settings.LINLI_ORDERS_FOR_ONE_A_DAY},
            for_her_a_day=settings.LINLI_ORDERS_FOR_ONE_A_DAY,
        )


def _unpaid(leader_id: int, group_id: int) -> QuerySet[OrderFulfilment]:
    return OrderFulfilment.objects.filter(
        placed_by=leader_id,
        group=group_id,
        status=Status.PENDING_PAYMENT,
        cancel_requested_at=None,
        expires_at__gt=now(),
    )


def _basket(group: LeaderGroup, resident: User, items: Mapping[int, int]) -> GroupBasket:
    """Write a basket of this order alone: what she is filling herself stays as it is."""
    basket = Basket.objects.create(owner=resident)
    rows = GroupBuyItem.objects.filter(pk__in=items, group_buy=group.group_buy_id)
    for item in rows.order_by("pk"):
        save_line(basket_id=basket.pk, item=item, quantity=items[item.pk])
    Basket.objects.filter(pk=basket.pk).update(status=Basket.SUBMITTED, date_submitted=now())
    own = GroupBasket.objects.create(basket=basket, group=group, user=resident, is_live=False)
    own.group = group
    return own


def _by_product(group: LeaderGroup, items: Mapping[int, int]) -> dict[int, int]:
    rows = GroupBuyItem.objects.filter(pk__in=items, group_buy=group.group_buy_id)
    products = dict(rows.values_list("pk", "product_id"))
    if missing := sorted(set(items) - set(products)):
        raise ItemGoneError(item_ids=missing)
    return {products[pk]: items[pk] for pk in sorted(items)}


def _before(leader: User, phone: str, key: str) -> OrderFulfilment | None:
    orders = OrderFulfilment.objects.filter(placed_by=leader, resident__phone=phone)
    return orders.filter(idem_key=key).first()


def _token(order_no: str) -> str:
    return _signer.sign(order_no)


def _pay_page(order_no: str) -> str:
    return f"{settings.SITE_URL}/pay-for/{_token(order_no)}/"


def _one_line(text: str, most: int = _REMARK_MAX) -> str:
    return " ".join(text.replace("\0", "").split())[:most]
