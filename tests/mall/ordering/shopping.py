"""A resident at the checkout: basket, tied card, order."""

from __future__ import annotations

import itertools

from mall.accounts.models import User
from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.models import GroupBasket, LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.ordering.models import OrderFulfilment
from mall.ordering.payer import payer_ref
from mall.ordering.placing import place_order
from mall.ordering.pricing import Wish
from mall.ordering.rows import Receiver
from payments.api import Money, business_date, now
from payments.models import AcquirerAccount, CardAgreement
from payments.services.first_ties import note_tie
from tests.factories.groups import item_of, make_item_plan, make_open_group, make_product

_numbers = itertools.count(1)
RECEIVER = Receiver(name="李小娟", phone="+8613800138000")


def make_worked_group(**first_item: object) -> LeaderGroup:
    """The worked example's goods: 30.00, 49.00 and 80.00 a piece."""
    plans = [
        make_item_plan(make_product("糯玉米"), price_minor=3000, cost_minor=2400, **first_item),
        make_item_plan(make_product("土鸡蛋"), price_minor=4900, cost_minor=3920),
        make_item_plan(make_product("三文鱼"), price_minor=8000, cost_minor=6400),
    ]
    return make_open_group(items=plans)


def fill(group: LeaderGroup, resident: User, **quantities: int) -> GroupBasket:
    """Put goods into the resident's basket: first=1, second=2, third=1."""
    names = ("first", "second", "third")
    basket = basket_for(shopper=Shopper(user=resident), group_id=group.pk)
    for name, quantity in quantities.items():
        item = item_of(group, names.index(name) + 1)
        save_line(basket_id=basket.basket_id, item=item, quantity=quantity)
    return basket


def fill_worked(group: LeaderGroup, resident: User) -> GroupBasket:
    """Goods for 208.00: 30.00, twice 49.00, 80.00."""
    return fill(group, resident, first=1, second=2, third=1)


def give_card(resident: User, **changes: object) -> CardAgreement:
    """A CCB credit card with UnionPay's mark only, tied to the resident."""
    number = next(_numbers)
    fields = {
        "agreement_no": f"A{number:019d}",
        "owner_ref": payer_ref(resident.pk),
        "account": AcquirerAccount.objects.get(),
        "status": CardAgreement.Status.ACTIVE,
        "token": f"token-{number}",
        "last4": "0016",
        "bin": "622168",
        "issuer_code": "CCB",
        "issuer_name": "建设银行",
        "kind": "credit",
        "scheme": "unionpay_single",
        "fingerprint": f"fingerprint-{number}",
        "signed_at": now(),
        "created_at": now(),
        "bind_date": business_date(),
        "bind_slot": number,
    }
    fields["is_default"] = not CardAgreement.objects.filter(
        owner_ref=fields["owner_ref"], is_default=True
    ).exists()
    card = CardAgreement.objects.create(**{**fields, **changes})
    note_tie(card)
    return card


def place(
    basket: GroupBasket,
    resident: User,
    *,
    way: str = "cashier",
    wish: Wish | None = None,
    payable: int = 20800,
    key: str | None = None,
) -> OrderFulfilment:
    """Press "pay"."""
    return place_order(
        resident=resident,
        group_basket=basket,
        receiver=RECEIVER,
        wish=wish or Wish(way=way),
        expected_payable=Money(payable),
        idem_key=key or f"key-{next(_numbers)}",
    )
