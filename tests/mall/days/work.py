"""What those do who work on a day: staff, suppliers, drivers, leaders, and the clock."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from mall.aftersales.deciding import approve, offer, pass_on, reject
from mall.aftersales.models import AfterSalesCase, Role
from mall.aftersales.worth import Claimed
from mall.fulfilment.collecting import collect_order, collect_part
from mall.fulfilment.supplier_shortages import share_out, to_share
from mall.fulfilment.undoing import undo_collection
from mall.fulfilment.weighing import Weigher, Weight, record_weighing
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import LineFulfilment, Status
from mall.supply.answering import Answer, answer
from mall.supply.models import PurchaseOrder
from mall.supply.sending import send
from tests.mall.days.acts import PICK, Acts, when

_OUT = ("sent", "acknowledged", "answered_short")


def _purchases(*states: str):
    return PurchaseOrder.objects.filter(status__in=states)


def _to_come():
    return LeaderGroup.objects.filter(state__in=["formed", "ordered"])


def _unweighed():
    where = [Status.ARRIVED, Status.IN_TRANSIT]
    return LineFulfilment.objects.filter(piece_grams__isnull=False, order__status__in=where)


def _cases(turn: str):
    return AfterSalesCase.objects.filter(status="requested", turn=turn)


class Buyers(Acts):
    """From the cut-off to the van."""

    @when(lambda day: day.sales_on("open") and day.orders(Status.PAID).count() > 2)
    @rule(pick=PICK)
    def cut_off(self, pick: int) -> None:
        still_open = self.sales_on("open")
        self.town.cut_off(still_open[pick % len(still_open)])
        self.has_changed = True

    @when(lambda _day: _purchases("draft").exists())
    @rule()
    def send_purchase_orders(self) -> None:
        for purchase in _purchases("draft"):
            number = purchase.purchase_no
            self.attempt("send", lambda no=number: send(no, by="t", means="hand", reason="电话"))

    @when(lambda _day: _purchases(*_OUT).exists())
    @rule(pick=PICK, which=PICK, missing=st.integers(1, 3))
    def supplier_is_short(self, pick: int, which: int, missing: int) -> None:
        purchase = self.some(_purchases(*_OUT), pick)
        line = self.some(purchase.lines, which)
        said = {line.pk: Answer(can_bring=max(0, line.pieces - missing), because="雨")}
        number = purchase.purchase_no
        self.attempt("answer", lambda: answer(number, said, by="supplier"))
        for each in to_share():
            short = each.shortage
            wish = {"item_id": short.item_id, "available": short.available}
            self.attempt("share out", lambda it=wish: share_out(**it, by=self.town.staff))

    @when(lambda _day: _to_come().exists())
    @rule(pick=PICK, missing=st.integers(0, 3), twice=st.booleans())
    def arrive(self, pick: int, missing: int, twice: bool) -> None:
        group = self.some(_to_come(), pick)
        for _time in range(1 + twice):
            self.attempt("arrive", lambda: self.town.arrive(group, missing))


class Counters(Acts):
    """The leaders at their points."""

    @when(lambda _day: _unweighed().exists())
    @rule(pick=PICK, grams=st.integers(860, 1150), piece=st.integers(0, 2))
    def weigh(self, pick: int, grams: int, piece: int) -> None:
        line = self.some(_unweighed().select_related("order__leader"), pick)
        left = line.quantity - line.refunded_quantity
        net = grams if piece else grams * max(1, left)
        weight = Weight(line_id=line.pk, grams=net, piece=min(piece, left), reason="秤")
        weigher, key = Weigher(user=line.order.leader), self.key()
        for _time in range(2):
            self.attempt("weigh", lambda: record_weighing(weight, weigher=weigher, key=key))

    @when(lambda day: day.orders(Status.ARRIVED).exists())
    @rule(pick=PICK, twice=st.booleans())
    def hand_over(self, pick: int, twice: bool) -> None:
        order = self.some(self.orders(Status.ARRIVED), pick)
        number, leader = order.order_no, order.leader
        for _time in range(1 + twice):
            self.attempt("hand over", lambda: collect_order(order_no=number, by=leader))

    @when(lambda day: day.orders(Status.ARRIVED).exists())
    @rule(pick=PICK, which=PICK, twice=st.booleans())
    def hand_over_a_part(self, pick: int, which: int, twice: bool) -> None:
        order = self.some(self.orders(Status.ARRIVED), pick)
        wish = {"order_no": order.order_no, "by": order.leader, "key": self.key()}
        pieces = {self.some(order.lines, which).pk: 1}
        for _time in range(1 + twice):
            self.attempt("hand over a part", lambda: collect_part(**wish, pieces=pieces))

    @when(lambda day: day.orders(Status.COLLECTED).exists())
    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        order = self.some(self.orders(Status.COLLECTED), pick)
        wish = {"order_no": order.order_no, "by": order.leader, "reason": "拿错"}
        self.attempt("undo", lambda: undo_collection(**wish))

    @when(lambda _day: _cases("leader").exists())
    @rule(pick=PICK, what=st.sampled_from(["approve", "offer", "reject", "pass on"]))
    def decide(self, pick: int, what: str) -> None:
        case = self.some(_cases("leader"), pick)
        how = {"case_no": case.case_no, "by": case.leader}
        acts = {
            "approve": lambda: approve(**how, role=Role.LEADER),
            "offer": lambda: offer(
                **how, role=Role.LEADER, claimed=Claimed(payer_minor=150), text="一半"
            ),
            "reject": lambda: reject(**how, role=Role.LEADER, text="看照片是好的"),
            "pass on": lambda: pass_on(**how),
        }
        self.attempt(what, acts[what])

    @when(lambda _day: _cases("mall").exists())
    @rule(pick=PICK, yes=st.booleans(), bearer=st.sampled_from(["", "mall", "supplier", "leader"]))
    def the_mall_decides(self, pick: int, yes: bool, bearer: str) -> None:
        case = self.some(_cases("mall"), pick)
        how = {"case_no": case.case_no, "by": self.town.staff, "role": Role.MALL}
        if yes:
            self.attempt("the mall approves", lambda: approve(**how, bearer=bearer))
        else:
            self.attempt("the mall rejects", lambda: reject(**how, text="看照片是好的"))


class Clock(Acts):
    """The bank does what it was asked; hours and days go by."""

    @rule()
    def the_bank_gives_back(self) -> None:
        self.town.do(self.town.give_back_money)
        self.has_changed = True

    @rule(hours=st.sampled_from([1, 12, 30, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.town.wait(timedelta(hours=hours))
        self.has_changed = True
