"""Residents as they are: they order, pay, press twice, go away, come back, think again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from mall.accounts.models import User
from mall.config.simulation.bank import PlayedBank
from mall.config.simulation.chance import weighted
from mall.config.simulation.trace import Trace
from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.models import GroupBasket, GroupBuyItem, LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.ordering.ending import cancel_order, cancel_paid_order
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.payer import payer_ref
from mall.ordering.paying import change_way, pay_order
from mall.ordering.placing import place_order
from mall.ordering.pricing import Wish
from mall.ordering.rows import Receiver
from mall.ordering.wanted import wanted_lines
from mall.promotions.goods import line_facts
from mall.promotions.quoting import WayKind, WayQuote, quote
from mall.promotions.rules import LineFacts
from payments.api import LinliError, agreements_of, attempts, refresh_payment

# What she does next while her order waits to be paid, and how likely.
UNPAID: Final = {
    "pays": 34,
    "is at the bank's page": 34,
    "looks at the result": 14,
    "changes the way": 8,
    "cancels": 5,
    "goes away": 5,
}
PAUSES_SECONDS: Final = (1, 3, 8, 20, 45, 120, 400)
VISITS_MAX: Final = 7
REFUSALS_MAX: Final = 2


@dataclass
class Resident:
    """One resident with one basket; what she knows survives when a web process dies."""

    person: User
    group: LeaderGroup
    bank: PlayedBank
    dice: Random
    trace: Trace
    name: str
    order_no: str = ""
    visits: int = 0
    refusals: int = 0
    is_gone: bool = field(default=False)

    def visit(self) -> float | None:
        """Do one thing; return how many seconds later she does the next, None when she is gone."""
        self.visits += 1
        if self.is_gone or self.visits > VISITS_MAX:
            return None
        try:
            if self.order_no:
                self._go_on()
            else:
                self._order()
        except LinliError as refusal:
            self.trace.tell(self.name, f"is refused: {refusal.code}")
            self.refusals += 1
            self.is_gone = not self.order_no and self.refusals > REFUSALS_MAX
        return float(self.dice.choice(PAUSES_SECONDS))

    # --- ordering -----------------------------------------------------------------------------

    def _order(self) -> None:
        basket = self._filled_basket()
        way = self._some_way([line.facts for line in wanted_lines(basket)])
        self.trace.step(self.name, f"orders for {way.payable.minor} by {way.key[:8]}")
        order = place_order(
            resident=self.person,
            group_basket=basket,
            receiver=Receiver(name="李小娟", phone="+8613800138000"),
            wish=Wish(way=way.key),
            expected_payable=way.payable,
            idem_key=f"play-{self.name}",
        )
        self.order_no = order.order_no
        self.trace.tell(self.name, f"has order {order.order_no}, payment {order.payment_no}")

    def _filled_basket(self) -> GroupBasket:
        basket = basket_for(shopper=Shopper(user=self.person), group_id=self.group.pk)
        if not basket.basket.lines.exists():
            items = list(GroupBuyItem.objects.filter(group_buy=self.group.group_buy_id))
            items.sort(key=lambda item: item.position)
            for item in self.dice.sample(items, self.dice.randint(1, 3)):
                quantity = self.dice.choice((1, 1, 1, 2))
                save_line(basket_id=basket.basket_id, item=item, quantity=quantity)
        return basket

    def _some_way(self, lines: list[LineFacts]) -> WayQuote:
        cards = agreements_of(payer_ref(self.person.pk))
        quoted = quote(
            lines=lines, cards=cards, resident_id=self.person.pk, except_order=self.order_no
        )
        ways = [way for way in quoted.ways if way.kind is not WayKind.NEW_CARD]
        return self.dice.choice([*ways, quoted.best])

    # --- what she does with an order -----------------------------------------------------------

    def _go_on(self) -> None:
        order = OrderFulfilment.objects.get(order_no=self.order_no)
        if order.status == Status.PENDING_PAYMENT:
            what = weighted(self.dice, UNPAID)
            self.trace.step(self.name, what)
            _DOINGS[what](self)
        elif order.status == Status.PAID and self.dice.random() < 0.15:
            self.trace.step(self.name, "cancels what is paid")
            cancel_paid_order(order_no=self.order_no, resident_id=self.person.pk)
        elif self.dice.random() < 0.3:
            # An old page of the bank's is still open in another tab.
            self.pay_at_the_bank()
        else:
            self.is_gone = order.status != Status.PAID or self.dice.random() < 0.5

    def pay(self) -> None:
        """Press "pay" on the order's page."""
        step = pay_order(order_no=self.order_no, resident_id=self.person.pk)
        self.trace.tell(self.name, f"is told: {step.kind}")

    def pay_at_the_bank(self) -> None:
        """Be at the page of the bank of any attempt she has been led to, old or new."""
        led_to = [attempt for attempt in attempts(self.order_no) if attempt.step_url]
        if not led_to:
            self.pay()
            return
        number = self.dice.choice(led_to).payment_no
        if self.dice.random() < 0.1:
            self.trace.step(
                self.name, f"gives up {number} at the bank: {self.bank.give_up(number)}"
            )
            return
        said = self.bank.pay(number, serial=self.dice.randrange(1000, 9000))
        self.trace.step(self.name, f"pays {number} at the bank: {said}")

    def look(self) -> None:
        """Come back to the result page, which asks the bank."""
        newest = attempts(self.order_no)[0]
        view = refresh_payment(newest.payment_no)
        self.trace.tell(self.name, f"sees {newest.payment_no}: {view.status}")

    def change(self) -> None:
        """Choose another way to pay."""
        order = OrderFulfilment.objects.get(order_no=self.order_no)
        lines = [
            line_facts(line.product, value_minor=line.value_minor)
            for line in order.lines.select_related("product").order_by("pk")
        ]
        way = self._some_way(lines)
        step = change_way(
            order_no=self.order_no,
            resident_id=self.person.pk,
            wish=Wish(way=way.key),
            expected_payable=way.payable,
        )
        self.trace.tell(self.name, f"now pays by {way.key[:8]}: {step.kind}")

    def cancel(self) -> None:
        """Cancel what is not paid."""
        order = cancel_order(order_no=self.order_no, resident_id=self.person.pk)
        self.trace.tell(self.name, f"cancelled: {order.status}")

    def leave(self) -> None:
        """Close the page and never come back."""
        self.is_gone = True


_DOINGS: Final[dict[str, Callable[[Resident], None]]] = {
    "pays": Resident.pay,
    "is at the bank's page": Resident.pay_at_the_bank,
    "looks at the result": Resident.look,
    "changes the way": Resident.change,
    "cancels": Resident.cancel,
    "goes away": Resident.leave,
}
