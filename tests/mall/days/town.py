"""A town for a day: two sales, three pickup points, neighbours who buy; its clock and its bank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils.module_loading import import_string
from django.utils.timezone import now as wall
from oscar.apps.basket.models import Line as OscarLine

from groupleader.models import Leader
from mall.accounts.models import User
from mall.fulfilment import dispatching
from mall.fulfilment.receiving import expected_items, record_arrival
from mall.groupbuy.lifecycle import cut_off_now, open_now, schedule
from mall.groupbuy.models import GroupBuyItem, LeaderGroup
from mall.groupbuy.tolerances import set_tolerance
from mall.ordering.errors import PriceChangedError
from mall.ordering.models import OrderFulfilment
from payments.acquiring.contract import Outcome, RefundResult
from payments.api import Money, deliver_pending, now, travelling
from payments.models import AcquirerAccount, Payment, Refund
from payments.services.facts import apply_channel_fact
from tests.factories.groups import (
    make_community,
    make_draft,
    make_item_plan,
    make_person,
    make_point,
    make_product,
)
from tests.mall.fulfilment.counter import by_weight
from tests.mall.ordering.discounted import money_comes
from tests.mall.ordering.shopping import fill, give_card, place
from tests.mall.promotions.offers import make_offer

# What the town's own clock does between two steps of a day.
JOBS = (
    "mall.groupbuy.jobs.close_due",
    "mall.groupbuy.jobs.form_due",
    "mall.ordering.jobs.cut_due",
    "mall.ordering.jobs.confirm_due",
    "mall.ordering.jobs.refund_due",
    "mall.supply.jobs.draft_due",
    "mall.supply.jobs.send_due",
    "mall.fulfilment.receiving.finish_due",
    "mall.fulfilment.shortages.settle_due",
    "mall.fulfilment.overdue_jobs.tend_due",
    "mall.fulfilment.closing.close_due",
    "mall.aftersales.jobs.escalate_due",
)
CORN, EGGS, FISH = "first", "second", "third"
PRICES = {CORN: 3000, EGGS: 4900, FISH: 8000}
LEAST = 2800  # corn, from ten pieces on
CASE = 4


class Town:
    """One sale with a tier, full cases and weighed fish at two points; one plain at a third.

    The second group of the first sale needs two neighbours. The bank takes 16.00 off 200.00.
    """

    def __init__(self) -> None:
        """Open both sales."""
        make_offer(resident_day_limit=None, card_day_limit=None)
        community = make_community()
        points = [make_point(f"点 {n}", community=community) for n in range(3)]
        self.sales = [self._sale(points[:2], rules=True), self._sale(points[2:], rules=False)]
        self.groups = [group for sale in self.sales for group in sale.groups.order_by("pk")]
        people = LeaderGroup.Minimum.PEOPLE
        groups = LeaderGroup.objects.filter(pk=self.groups[1].pk)
        groups.update(minimum_kind=people, minimum_value=2)
        for group in self.groups:
            Leader.objects.create(user=group.leader, name="王姐", status=Leader.Status.ACTIVE)
        self.people = [make_person(f"居民 {n}") for n in range(4)]
        self.cards = {person.pk: give_card(person).agreement_no for person in self.people}
        self.staff = make_person("总管", is_staff=True, is_superuser=True)
        # What the bank took and gave back, by payment; what the vans brought, by group and item.
        self.taken: Counter[str] = Counter()
        self.given: Counter[str] = Counter()
        self.came: Counter[tuple[int, int]] = Counter()
        self.at = wall() + timedelta(seconds=1)

    def _sale(self, points: list[Any], *, rules: bool) -> Any:
        goods = [make_product(title, stock=60) for title in ("玉米", "鸡蛋", "鱼")]
        plans = [
            make_item_plan(product, price_minor=price, cost_minor=price * 8 // 10)
            for product, price in zip(goods, PRICES.values(), strict=True)
        ]
        sale = make_draft(items=plans, points=points)
        if rules:
            corn, eggs, _fish = sale.items.order_by("position")
            GroupBuyItem.objects.filter(pk=corn.pk).update(tiers=[[10, LEAST]])
            GroupBuyItem.objects.filter(pk=eggs.pk).update(case_size=CASE, allows_tolerance=True)
        schedule(group_buy_id=sale.pk)
        open_now(group_buy_id=sale.pk)
        by_weight(LeaderGroup.objects.filter(group_buy=sale).first(), position=3)
        return sale

    def do(self, act: Callable[[], Any]) -> Any:
        """Let something happen now, by the town's clock, and everybody hear of it."""
        with travelling(self.at + timedelta(seconds=1)):
            try:
                return act()
            finally:
                deliver_pending(500)
                # However long it took: the next thing happens later.
                self.at = now()

    def wait(self, time: timedelta) -> None:
        """Let time pass, then let the jobs do what is due."""
        self.at += time
        for name in JOBS:
            self.do(partial(import_string(name), 50))

    def order(self, group: LeaderGroup, who: User, wanted: dict[str, int], spare: int) -> Any:
        """Put goods into a basket and order them with the tied card, at the amount shown."""
        # What an order that was refused left in the basket is taken out again.
        OscarLine.objects.filter(basket__owner=who, basket__status="Open").delete()
        basket = fill(group, who, **wanted)
        if spare and EGGS in wanted and group.group_buy_id == self.sales[0].pk:
            item = GroupBuyItem.objects.get(group_buy=group.group_buy_id, position=2)
            set_tolerance(group_basket=basket, item_id=item.pk, pieces=spare)
            basket.refresh_from_db()
        else:
            spare = 0
        pieces = {**wanted, EGGS: wanted.get(EGGS, 0) + spare}
        goods = sum(PRICES[name] * n for name, n in pieces.items())
        try:
            return place(basket, who, way=self.cards[who.pk], payable=goods)
        except PriceChangedError as changed:
            payable = changed.data["payable_minor"]
        assert payable == goods - 1600
        return place(basket, who, way=self.cards[who.pk], payable=payable)

    def pay(self, order: OrderFulfilment) -> None:
        """The acquirer tells that an order was paid; telling it again takes nothing again."""
        self.taken[order.payment_no] = Payment.objects.get(payment_no=order.payment_no).amount_minor
        money_comes(order.payment_no)

    def give_back_money(self) -> None:
        """The acquirer does every refund it was asked for."""
        account = AcquirerAccount.objects.get()
        waiting = Refund.objects.exclude(resident_minor=0).exclude(status="succeeded")
        for refund in waiting.select_related("payment"):
            Refund.objects.filter(pk=refund.pk, status="created").update(status="sent")
            self.given[refund.payment.payment_no] += refund.resident_minor
            result = RefundResult(
                Outcome.SUCCEEDED,
                refund.refund_no,
                payment_no=refund.payment.payment_no,
                acquirer_refund_no=f"R{refund.pk}",
                amount=Money(refund.resident_minor),
                merchant_id=account.merchant_id,
                refunded_at=now(),
            )
            apply_channel_fact(source="query", account=account, result=result)

    def cut_off(self, n: int) -> None:
        """Close a sale, decide it, settle what the cut-off makes of it, draft purchase orders."""
        self.do(lambda: cut_off_now(group_buy_id=self.sales[n].pk))
        self.wait(timedelta(minutes=20))
        self.wait(timedelta(minutes=6))

    def arrive(self, group: LeaderGroup, missing: int) -> None:
        """The van comes, with so many pieces less of the first item that was expected."""
        dispatching.mark_dispatched(group_id=group.pk)
        counts = dict(expected_items(group.pk))
        if counts:
            item = min(counts)
            counts[item] = max(0, counts[item] - missing)
        record_arrival(group_id=group.pk, counts=counts, by=group.leader)
        self.came = Counter({**self.came, **{(group.pk, item): n for item, n in counts.items()}})
