"""Any day of a town, played by chance: whatever happens in it, stock, orders and books agree."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mall.aftersales.asking import Complaint, open_case
from mall.aftersales.deciding import approve, reject
from mall.aftersales.models import AfterSalesCase, CaseReason, Role
from mall.aftersales.worth import Claimed
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.shortages import apply_shortage
from mall.fulfilment.undoing import undo_collection
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.ordering.changing import change_order
from mall.ordering.ending import cancel_paid_order
from mall.ordering.models import LineBack, LineFulfilment, OrderFulfilment, Status
from mall.supply.answering import Answer, answer
from mall.supply.sending import send
from payments.api import LinliError
from tests.mall.days.town import CASE, CORN, EGGS, FISH, LEAST, PRICES, Town

ROOMS = (
    "mall.groupbuy",
    "mall.ordering",
    "mall.fulfilment",
    "mall.supply",
    "mall.aftersales",
    "groupleader",
)
_pick = st.integers(0, 1000)
_goods = st.fixed_dictionaries(
    {}, optional={name: st.integers(1, 6) for name in (CORN, EGGS, FISH)}
).filter(bool)


class Day(RuleBasedStateMachine):
    """Neighbours, leaders, suppliers and the clock, in whatever order."""

    @initialize()
    def begin(self) -> None:
        self.undo_everything = transaction.atomic()
        self.undo_everything.__enter__()
        self.town = Town()
        self.keys = 0

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            self.town.do(self.town.give_back_money)
            assert broken(("payments", *ROOMS)) == []
            self.nobody_lost_a_fen()
        finally:
            transaction.set_rollback(True)
            self.undo_everything.__exit__(None, None, None)

    def some(self, rows, pick: int):
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None

    def orders(self, *states: str):
        orders = OrderFulfilment.objects.filter(cancel_requested_at=None)
        return orders.filter(status__in=states)

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys:04}"

    @rule(group=_pick, who=_pick, wanted=_goods, spare=st.integers(0, 3), pays=st.booleans())
    def order(self, group: int, who: int, wanted: dict[str, int], spare: int, pays: bool) -> None:
        town = self.town
        chosen = town.groups[group % len(town.groups)]
        resident = town.people[who % len(town.people)]
        with suppress(LinliError):
            placed = town.do(lambda: town.order(chosen, resident, wanted, spare))
            if pays:
                town.do(lambda: town.pay(placed))

    @rule(pick=_pick)
    def pay_late(self, pick: int) -> None:
        if order := self.some(self.orders(Status.PENDING_PAYMENT), pick):
            self.town.do(lambda: self.town.pay(order))

    @rule(pick=_pick, left=st.integers(0, 3), twice=st.booleans())
    def edit(self, pick: int, left: int, twice: bool) -> None:
        if (order := self.some(self.orders(Status.PAID), pick)) is None:
            return
        line = order.lines.order_by("pk").first()
        wish = {line.pk: min(left, line.quantity - line.refunded_quantity)}
        for _time in range(1 + twice):
            with suppress(LinliError):
                self.town.do(
                    lambda: change_order(
                        order_no=order.order_no, resident_id=order.resident_id, quantities=wish
                    )
                )

    @rule(pick=_pick)
    def cancel(self, pick: int) -> None:
        if order := self.some(self.orders(Status.PAID), pick):
            with suppress(LinliError):
                self.town.do(
                    lambda: cancel_paid_order(
                        order_no=order.order_no, resident_id=order.resident_id
                    )
                )

    @rule(sale=st.integers(0, 1))
    def cut_off(self, sale: int) -> None:
        self.town.cut_off(sale)

    @precondition(lambda self: self.town.drafts())
    @rule()
    def send_purchase_orders(self) -> None:
        for purchase in self.town.drafts():
            with suppress(LinliError):
                self.town.do(
                    lambda no=purchase.purchase_no: send(no, by="test", means="hand", reason="电话")
                )

    @rule(pick=_pick, missing=st.integers(1, 3))
    def supplier_is_short(self, pick: int, missing: int) -> None:
        from mall.supply.models import PurchaseOrder  # noqa: PLC0415

        purchase = self.some(PurchaseOrder.objects.filter(status="sent"), pick)
        if purchase is None:
            return
        line = purchase.lines.order_by("pk").first()
        there = max(0, line.pieces - missing)
        with suppress(LinliError):
            self.town.do(
                lambda: answer(
                    purchase.purchase_no,
                    {line.pk: Answer(can_bring=there, because="雨")},
                    by="supplier",
                )
            )
            self.town.do(
                lambda: apply_shortage(
                    source=f"purchase:{purchase.purchase_no}",
                    item_id=line.item_id,
                    available=there,
                    by=None,
                )
            )

    @rule(group=_pick, missing=st.integers(0, 3))
    def arrive(self, group: int, missing: int) -> None:
        with suppress(LinliError):
            self.town.arrive(self.town.groups[group % 3], missing)

    @rule(pick=_pick, grams=st.integers(860, 1150), piece=st.integers(0, 2))
    def weigh(self, pick: int, grams: int, piece: int) -> None:
        fish = LineFulfilment.objects.filter(
            piece_grams__isnull=False, order__status__in=[Status.ARRIVED, Status.IN_TRANSIT]
        )
        if (line := self.some(fish.select_related("order__leader"), pick)) is None:
            return
        left = line.quantity - line.refunded_quantity
        net = grams if piece else grams * max(1, left)
        weight = Weight(line_id=line.pk, grams=net, piece=min(piece, left), reason="秤")
        with suppress(LinliError):
            self.town.do(
                lambda: record_weighing(
                    weight, weigher=Weigher(user=line.order.leader), key=self.key()
                )
            )

    @rule(pick=_pick, part=st.booleans(), twice=st.booleans())
    def collect(self, pick: int, part: bool, twice: bool) -> None:
        if (order := self.some(self.orders(Status.ARRIVED), pick)) is None:
            return
        key, line = self.key(), order.lines.order_by("pk").first()
        for _time in range(1 + twice):
            with suppress(LinliError):
                if part:
                    self.town.do(
                        lambda: collect_part(
                            order_no=order.order_no, pieces={line.pk: 1}, by=order.leader, key=key
                        )
                    )
                else:
                    self.town.do(lambda: collect_order(order_no=order.order_no, by=order.leader))

    @rule(pick=_pick)
    def undo(self, pick: int) -> None:
        if order := self.some(self.orders(Status.ARRIVED, Status.COLLECTED), pick):
            with suppress(LinliError):
                self.town.do(
                    lambda: undo_collection(order_no=order.order_no, by=order.leader, reason="拿错")
                )

    @rule(pick=_pick, quantity=st.integers(0, 1), minor=st.integers(1, 900))
    def complain(self, pick: int, quantity: int, minor: int) -> None:
        order = self.some(self.orders(Status.ARRIVED, Status.COLLECTED), pick)
        if order is None:
            return
        line = order.lines.order_by("-pk").first()
        asked = Claimed(quantity=1) if quantity else Claimed(payer_minor=minor)
        reason = CaseReason.objects.filter(needs_photo=False, is_active=True).first()
        with suppress(LinliError):
            self.town.do(
                lambda: open_case(
                    order_no=order.order_no,
                    resident_id=order.resident_id,
                    complaint=Complaint(
                        line_id=line.pk, reason_id=reason.pk, claimed=asked, text="坏"
                    ),
                    by=order.resident,
                    idem_key=self.key(),
                )
            )

    @rule(pick=_pick, yes=st.booleans())
    def decide(self, pick: int, yes: bool) -> None:
        case = self.some(AfterSalesCase.objects.filter(status="requested"), pick)
        if case is None:
            return
        how = {"case_no": case.case_no, "by": case.leader, "role": Role.LEADER}
        with suppress(LinliError):
            if yes:
                self.town.do(lambda: approve(**how, claimed=None, note=""))
            else:
                self.town.do(lambda: reject(**how, text="看照片是好的"))

    @rule()
    def the_bank_gives_back(self) -> None:
        self.town.do(self.town.give_back_money)

    @rule(hours=st.sampled_from([1, 12, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.town.wait(timedelta(hours=hours))

    @invariant()
    def rules_hold(self) -> None:
        if hasattr(self, "town"):
            assert broken(("mall.ordering", "mall.fulfilment")) == []

    def nobody_lost_a_fen(self) -> None:
        """By another way of reckoning: what each line costs in the end, and full cases."""
        for line in LineFulfilment.objects.select_related("order__group_buy", "item"):
            backs = list(LineBack.objects.filter(line=line))
            paid = line.order.paid_at is not None
            assert sum(back.payer_minor for back in backs) == (line.refunded_minor if paid else 0)
            if line.quantity == line.refunded_quantity:
                assert line.refunded_minor == line.value_minor
            assert line.unit_minor in PRICES.values()
        for sale in self.town.sales:
            sale.refresh_from_db()
            if sale.cut_at is None:
                continue
            corn, eggs, _fish = sale.items.order_by("position")
            if eggs.case_size == CASE:
                assert eggs.final_quantity % CASE == 0
                is_low = corn.final_quantity >= 10
                assert corn.final_price_minor == (LEAST if is_low else PRICES[CORN])


def broken(rooms: tuple[str, ...]) -> list[object]:
    """Return every violation of the rooms' rules."""
    checks = [import_module(f"{room}.invariants").check for room in rooms]
    return [wrong for check in checks for result in check() for wrong in result.violations]


def play(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Day,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_any_day_adds_up(acquirer):
    play(examples=4, steps=25)


@pytest.mark.nightly
@pytest.mark.django_db
def test_many_days_add_up(acquirer):
    play(examples=300, steps=60)
