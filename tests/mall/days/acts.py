"""What neighbours do on a day, and how any act is tried on the town: done, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mall.aftersales.asking import Complaint, open_case, withdraw
from mall.aftersales.deciding import accept_offer, appeal, decline_offer
from mall.aftersales.models import AfterSalesCase, CaseReason
from mall.aftersales.worth import Claimed
from mall.ordering.changing import change_order
from mall.ordering.ending import cancel_paid_order
from mall.ordering.models import OrderFulfilment, Status
from payments.api import LinliError
from tests.mall.days.town import CORN, EGGS, FISH, Town

# How often each act was done, and for which reasons it was refused, over all days of a run.
TOLD: Counter[str] = Counter()
MOST = 9  # orders of a day; then it goes on
PICK = st.integers(0, 1000)
GOODS = st.fixed_dictionaries(
    {}, optional={name: st.integers(1, 6) for name in (CORN, EGGS, FISH)}
).filter(bool)


def when(has: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Say when an act makes sense at all."""
    return precondition(lambda day: hasattr(day, "town") and has(day))


class Acts(RuleBasedStateMachine):
    """A town, and how an act is tried on it."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.keys = 0
        self.has_changed = False

    def attempt(self, name: str, act: Callable[[], Any]) -> Any:
        """Do something now; None where the mall refuses it."""
        try:
            done = self.town.do(act)
        except LinliError as refusal:
            TOLD[f"{name} refused: {refusal.code}"] += 1
            return None
        TOLD[name] += 1
        self.has_changed = True
        return done

    def some(self, rows: QuerySet[Any], pick: int) -> Any:
        """Return one of these rows."""
        found = list(rows.order_by("pk"))
        return found[pick % len(found)]

    def orders(self, *states: str) -> QuerySet[OrderFulfilment]:
        """Return the orders in these states that nobody has called off."""
        return OrderFulfilment.objects.filter(cancel_requested_at=None, status__in=states)

    def key(self) -> str:
        """Return a key no wish had before."""
        self.keys += 1
        return f"key-{self.keys:04}"


class Residents(Acts):
    """Neighbours order, pay, change their minds, and complain."""

    def buy(self, group: int, who: int, wanted: dict[str, int], *, spare: int = 0) -> Any:
        """Order something and pay it, as most do at once."""
        town = self.town
        place, person = town.groups[group % 3], town.people[who % 4]
        placed = self.attempt("order", lambda: town.order(place, person, wanted, spare))
        return placed and (placed, self.attempt("pay", lambda: town.pay(placed)))

    @when(lambda day: day.may_buy())
    @rule(group=PICK, who=PICK, wanted=GOODS, spare=st.integers(0, 3))
    def order(self, group: int, who: int, wanted: dict[str, int], spare: int) -> None:
        self.buy(group, who, wanted, spare=spare)

    @when(lambda day: day.may_buy())
    @rule(group=PICK, who=PICK, wanted=GOODS)
    def order_and_put_off(self, group: int, who: int, wanted: dict[str, int]) -> None:
        town = self.town
        place, person = town.groups[group % 3], town.people[who % 4]
        self.attempt("put off", lambda: town.order(place, person, wanted, 0))

    @when(lambda day: day.orders(Status.PENDING_PAYMENT).exists())
    @rule(pick=PICK, twice=st.booleans())
    def pay_late(self, pick: int, twice: bool) -> None:
        order = self.some(self.orders(Status.PENDING_PAYMENT), pick)
        for _time in range(1 + twice):
            self.attempt("pay late", lambda: self.town.pay(order))

    @when(lambda day: day.orders(Status.PAID).exists())
    @rule(pick=PICK, left=st.integers(0, 3), twice=st.booleans())
    def edit(self, pick: int, left: int, twice: bool) -> None:
        order = self.some(self.orders(Status.PAID), pick)
        line = order.lines.order_by("pk").first()
        wish = {line.pk: min(left, line.quantity - line.refunded_quantity)}
        whose = {"order_no": order.order_no, "resident_id": order.resident_id}
        for _time in range(1 + twice):
            self.attempt("edit", lambda: change_order(**whose, quantities=wish))

    @when(lambda day: day.orders(Status.PAID).exists())
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        order = self.some(self.orders(Status.PAID), pick)
        whose = {"order_no": order.order_no, "resident_id": order.resident_id}
        self.attempt("cancel", lambda: cancel_paid_order(**whose))

    @when(lambda day: day.orders(Status.ARRIVED, Status.COLLECTED).exists())
    @rule(pick=PICK, which=PICK, quantity=st.integers(0, 1), minor=st.integers(1, 900))
    def complain(self, pick: int, which: int, quantity: int, minor: int) -> None:
        order = self.some(self.orders(Status.ARRIVED, Status.COLLECTED), pick)
        line = self.some(order.lines, which)
        asked = Claimed(quantity=1) if quantity else Claimed(payer_minor=minor)
        reason = CaseReason.objects.filter(needs_photo=False, is_active=True).first()
        said = Complaint(line_id=line.pk, reason_id=reason.pk, claimed=asked, text="坏")
        whose = {"order_no": order.order_no, "resident_id": order.resident_id}
        key = self.key()
        for _time in range(2):
            self.attempt(
                "complain",
                lambda: open_case(**whose, complaint=said, by=order.resident, idem_key=key),
            )

    @when(lambda _day: AfterSalesCase.objects.exists())
    @rule(pick=PICK, what=st.sampled_from([accept_offer, decline_offer, withdraw]))
    def answer_an_offer(self, pick: int, what: Callable[..., Any]) -> None:
        case = self.some(AfterSalesCase.objects.all(), pick)
        self.attempt(what.__name__, lambda: what(case_no=case.case_no, by=case.resident))

    @when(lambda _day: AfterSalesCase.objects.filter(status="rejected").exists())
    @rule(pick=PICK)
    def appeal(self, pick: int) -> None:
        case = self.some(AfterSalesCase.objects.filter(status="rejected"), pick)
        self.attempt("appeal", lambda: appeal(case_no=case.case_no, by=case.resident, text="看看"))

    def may_buy(self) -> bool:
        """Tell whether a sale is open, and the day not yet only one of orders."""
        return bool(self.sales_on("open")) and OrderFulfilment.objects.count() < MOST

    def sales_on(self, *states: str) -> list[int]:
        """Return which sales are in these states."""
        for sale in self.town.sales:
            sale.refresh_from_db(fields=["state"])
        return [n for n, sale in enumerate(self.town.sales) if sale.state in states]
