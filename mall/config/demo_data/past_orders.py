"""One order of the past: a basket, a way to pay it, money through the acquirer."""

from __future__ import annotations

from random import Random

from mall.accounts.models import User
from mall.config.demo_data import bank_desk
from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.ordering.ending import cancel_paid_order
from mall.ordering.payer import payer_ref
from mall.ordering.paying import pay_order
from mall.ordering.placing import place_order
from mall.ordering.pricing import Wish, price
from mall.ordering.rows import Receiver
from mall.ordering.wanted import wanted_lines
from payments.api import Money, agreements_of, deliver_pending, refresh_payment, send_refund

_GIVEN_BACK = 0.08


def order_something(dice: Random, person: User, group: LeaderGroup) -> None:
    """Let somebody fill a basket and pay it the best way she has; now and then she cancels."""
    basket = _filled(dice, person, group)
    wish = Wish()
    order = place_order(
        resident=person,
        group_basket=basket,
        receiver=Receiver(name=person.display_name, phone=person.phone or ""),
        wish=wish,
        expected_payable=_price(person, basket, wish),
        idem_key=f"history-{basket.pk}",
    )
    step = pay_order(order_no=order.order_no, resident_id=person.pk)
    if step.kind == "redirect":
        bank_desk.pay(step.view.payment_no)
        refresh_payment(step.view.payment_no)
    deliver_pending(100)
    if dice.random() < _GIVEN_BACK:
        refund = cancel_paid_order(order_no=order.order_no, resident_id=person.pk)
        send_refund(refund.refund_no)
        deliver_pending(100)


def _filled(dice: Random, person: User, group: LeaderGroup) -> GroupBasket:
    basket = basket_for(shopper=Shopper(user=person), group_id=group.pk)
    items = list(GroupBuyItem.objects.filter(group_buy=group.group_buy_id).order_by("pk"))
    for item in dice.sample(items, dice.randint(2, 5)):
        save_line(basket_id=basket.basket_id, item=item, quantity=dice.choice((1, 1, 1, 2)))
    return basket


def _price(person: User, basket: GroupBasket, wish: Wish) -> Money:
    priced = price(
        lines=[line.facts for line in wanted_lines(basket)],
        wish=wish,
        resident_id=person.pk,
        cards=agreements_of(payer_ref(person.pk)),
    )
    return priced.payable
