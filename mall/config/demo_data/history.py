"""Some weeks of real orders, played through the services with both clocks set back.

Every payment of the past went through the sandbox acquirer, so its books and ours agree. The
last two group buys are left as a leader finds them: one to hand over, one to receive.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from oscar.apps.partner.models import StockRecord

from mall.accounts.models import User
from mall.config.demo_data import bank_desk
from mall.config.demo_data.goods import read_goods
from mall.config.demo_data.past_days import collect_most, receive, send_off, settle
from mall.config.demo_data.past_orders import order_something
from mall.config.demo_data.people import RESIDENTS
from mall.config.demo_data.purchases import buy
from mall.config.demo_data.sales import DINNER, DINNER_EN, as_sold_then, items_of, plan_of
from mall.groupbuy.creating import create_group_buy
from mall.groupbuy.forming import form_if_due
from mall.groupbuy.lifecycle import close_if_due, open_if_due, schedule
from mall.groupbuy.models import GroupBuy, LeaderGroup
from mall.ordering.jobs import confirm_due
from mall.ordering.models import OrderFulfilment
from mall.ordering.payer import payer_ref
from mall.pickup.models import PickupPoint
from payments.api import (
    Consented,
    business_date,
    consent_text,
    day_bounds,
    deliver_pending,
    finish_binding,
    now,
    start_binding,
)

# How many days ago each group buy was cut off; the last two are still under way.
_CUT_OFFS: Final = (22, 19, 16, 13, 10, 7, 5, 3, 2, 1)
# Days of last month with a sale, so that there is something to claim from the banks for it.
_LAST_MONTH: Final = (16, 24)
_ORDERS_EACH: Final = 9
_GOODS_EACH: Final = 24
_JOINED_TODAY: Final = 14
_CARDS: Final = {
    "+8613900000002": "622168",
    "+8613900000003": "621700",
    "+8613900000004": "622168",
    "+8613900000005": "622188",
    "+8613900000006": "622600",
    "+8613900000008": "622168",
    "+8613900000010": "621700",
}
_SEED: Final = 20261122


def play_history(
    people: dict[str, User], stock: dict[str, StockRecord], points: Sequence[PickupPoint]
) -> int:
    """Play the past once; return how many orders there are of it."""
    if not OrderFulfilment.objects.exists():
        dice = Random(_SEED)  # noqa: S311 - the same past in every demo
        residents = [*_residents(people, points), people[RESIDENTS[0][0]]]
        cut_offs = _cut_offs()
        _tie_cards(people, _past(max(cut_offs) + 1, hours=10))
        for days in cut_offs:
            # Between its orders too it stays that day there: the acquirer pays it out as a whole.
            with bank_desk.its_clock_at(_past(days, hours=8)):
                _play_sale(dice, days, residents=residents, stock=stock, points=points)
        with bank_desk.another_day(_past(4, hours=9)):
            settle()
        bank_desk.hush()
    return OrderFulfilment.objects.count()


def _cut_offs() -> list[int]:
    """Return how many days ago the past's sales were cut off, the oldest first."""
    today = business_date()
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    early = ((today - month.replace(day=day)).days for day in _LAST_MONTH)
    return [*(days for days in early if days > max(_CUT_OFFS)), *_CUT_OFFS]


def play_today(
    people: dict[str, User], sales: Sequence[GroupBuy], points: Sequence[PickupPoint]
) -> None:
    """Let some neighbours have joined what is open now; a group somebody joined stays as it is."""
    dice = Random(_SEED)  # noqa: S311 - the same neighbours in every demo
    residents = _residents(people, points)
    for sale in sales:
        groups = list(sale.groups.order_by("pk"))
        if any(group.order_count for group in groups):
            continue
        opened = max(sale.opens_at, now() - timedelta(hours=6))
        minutes_open = int((now() - opened).total_seconds() // 60)
        for minute in sorted(dice.choices(range(max(1, minutes_open)), k=_JOINED_TODAY)):
            with bank_desk.another_day(opened + timedelta(minutes=minute)):
                order_something(dice, dice.choice(residents), dice.choice(groups))
    bank_desk.hush()


def _residents(people: dict[str, User], points: Sequence[PickupPoint]) -> list[User]:
    """Everybody but the leaders, and but the one whoever tries the demo signs in as first."""
    leaders = {point.leader_id for point in points}
    return [
        person
        for phone, person in people.items()
        if person.pk not in leaders and phone != RESIDENTS[0][0]
    ]


def _past(days: int, *, hours: float) -> datetime:
    """Return an hour of a Shanghai day in the past."""
    return day_bounds(business_date() - timedelta(days=days))[0] + timedelta(hours=hours)


def _tie_cards(people: dict[str, User], at: datetime) -> None:
    with bank_desk.another_day(at):
        for serial, (phone, bin_) in enumerate(_CARDS.items(), start=101):
            person = people[phone]
            step = start_binding(
                owner_ref=payer_ref(person.pk),
                holder_phone=phone,
                return_url="http://127.0.0.1/",
                consent=Consented(text_sha256=consent_text().sha256, ip="127.0.0.1"),
            )
            card = bank_desk.TestCard(bin=bin_, serial=serial)
            bank_desk.sign(step.agreement_no, card, name=person.display_name, phone=phone)
            finish_binding(step.agreement_no)


def _play_sale(
    dice: Random,
    days: int,
    *,
    residents: Sequence[User],
    stock: dict[str, StockRecord],
    points: Sequence[PickupPoint],
) -> None:
    """Open a group buy in the morning of its day, fill it until the cut-off, deliver it after."""
    with bank_desk.another_day(_past(days, hours=8)):
        sale = _open(dice, stock, points)
    groups = list(LeaderGroup.objects.filter(group_buy=sale).order_by("pk"))
    for minute in sorted(dice.sample(range(30, 800), _ORDERS_EACH)):
        with bank_desk.another_day(_past(days, hours=8 + minute / 60)):
            order_something(dice, dice.choice(residents), dice.choice(groups))
    with bank_desk.another_day(sale.pay_until + timedelta(minutes=1)):
        _cut_off(sale)
        buy(sale)
        send_off(groups)
    if days == min(_CUT_OFFS):
        return
    with bank_desk.another_day(_past(days - 1, hours=15.5)):
        receive(groups)
    # Of the newest delivery some bags still wait at the points.
    share = 0.4 if days == 2 else 1.0
    with bank_desk.another_day(_past(days - 1, hours=17)):
        collect_most(groups, dice, share=share)


def _open(dice: Random, stock: dict[str, StockRecord], points: Sequence[PickupPoint]) -> GroupBuy:
    goods = as_sold_then(dice.sample(read_goods()["products"], _GOODS_EACH))
    plan = plan_of(DINNER, DINNER_EN, business_date(), pickup_after_days=1)
    sale = create_group_buy(plan=plan, items=items_of(goods, stock), points=points)
    schedule(group_buy_id=sale.pk)
    open_if_due(group_buy_id=sale.pk)
    return sale


def _cut_off(sale: GroupBuy) -> None:
    close_if_due(group_buy_id=sale.pk)
    form_if_due(group_buy_id=sale.pk)
    deliver_pending(1000)
    confirm_due(1000)
