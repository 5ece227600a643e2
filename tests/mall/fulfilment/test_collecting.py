"""From the van to the neighbour's hands: sent, counted in, handed over once, completed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from oscar.apps.partner.models import StockRecord

from mall.api import (
    CodeUnknownError,
    CountsError,
    NotCollectableError,
    NotUndoableError,
    NotYourPointError,
    OrderGoneError,
    ScreenLockedError,
    bag_of,
    collect_by_code,
    collect_by_token,
    collect_order,
    desk_of,
    find_by_code,
    group_of_leader,
    groups_of_leader,
    items_to_receive,
    just_collected,
    orders_of_leader,
    progress_of,
    record_arrival,
    undo_collection,
)
from mall.fulfilment.closing import close_due, close_window_now
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.errors import NotDispatchableError
from mall.fulfilment.models import Arrival, Collection
from mall.groupbuy.models import LeaderGroup, State
from mall.ordering.models import OrderFulfilment, Status
from mall.ordering.paying import pay_order
from mall.promotions.models import BankOffer, OfferReservation
from payments.api import balance, now, refunds_of, send_refund
from payments.models import JournalTransaction, OutboxEvent
from tests.acquirer import SandboxAcquirer
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import fill, fill_worked, make_worked_group, place
from tests.mall.ordering.tying import tie
from tests.mall.promotions.offers import make_offer
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer: SandboxAcquirer) -> LeaderGroup:
    return make_worked_group()


def buy(group, acquirer, *, name="王阿姨", payable=20800, **quantities) -> OrderFulfilment:
    """Order and pay by a tied card."""
    resident = make_person(name)
    card = tie(resident, acquirer)
    basket = fill(group, resident, **quantities) if quantities else fill_worked(group, resident)
    order = place(basket, resident, way=card, payable=payable)
    assert pay_order(order_no=order.order_no, resident_id=resident.pk).kind == "done"
    return fresh(order)


def form(group) -> None:
    LeaderGroup.objects.filter(pk=group.pk).update(state=State.FORMED)
    type(group.group_buy).objects.filter(pk=group.group_buy_id).update(
        state=State.FORMED, formed_at=now()
    )


def fresh(order) -> OrderFulfilment:
    return OrderFulfilment.objects.get(pk=order.pk)


def counts(group, first=1, second=2, third=1) -> dict[int, int]:
    return {
        item_of(group, n).pk: quantity
        for n, quantity in enumerate((first, second, third), start=1)
        if quantity is not None
    }


def arrive(group, **counted) -> Arrival:
    form(group)
    return record_arrival(group_id=group.pk, counts=counts(group, **counted), by=group.leader)


def test_nothing_is_sent_before_the_group_formed(group, acquirer):
    buy(group, acquirer)

    with pytest.raises(NotDispatchableError):
        mark_dispatched(group_id=group.pk)


def test_sent_goods_leave_the_stock_once(group, acquirer):
    order = buy(group, acquirer)
    form(group)

    assert (mark_dispatched(group_id=group.pk), mark_dispatched(group_id=group.pk)) == (1, 0)

    assert fresh(order).status == Status.IN_TRANSIT
    record = StockRecord.objects.get(pk=item_of(group, 2).stockrecord_id)
    assert (record.num_in_stock, record.num_allocated) == (98, 0)
    assert item_of(group, 2).sold == 2


def test_arrived_goods_get_a_code_each(group, acquirer):
    orders = [buy(group, acquirer, name=name) for name in ("王阿姨", "李小娟")]

    first = arrive(group, first=2, second=4, third=2)
    again = record_arrival(group_id=group.pk, counts={}, by=group.leader)

    assert first.pk == again.pk
    codes = [fresh(order).pickup_code for order in orders]
    assert len(set(codes)) == 2
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert {fresh(order).status for order in orders} == {Status.ARRIVED}
    assert LeaderGroup.objects.get().state == State.ARRIVED
    assert OutboxEvent.objects.filter(fact="order.arrived").count() == 2


def test_only_the_leader_counts_goods_in_and_only_what_was_ordered(group, acquirer):
    buy(group, acquirer)
    form(group)

    with pytest.raises(NotYourPointError):
        record_arrival(group_id=group.pk, counts=counts(group), by=make_person("赵大爷"))
    for wrong in ({"first": 2000}, {"first": None}):
        with pytest.raises(CountsError):
            record_arrival(group_id=group.pk, counts=counts(group, **wrong), by=group.leader)

    assert not Arrival.objects.exists()


def test_a_missing_piece_is_refunded_in_full_to_the_fen(group, acquirer):
    make_offer()
    order = buy(group, acquirer, payable=19200)

    arrive(group, first=0)  # the corn of 30.00 did not come

    (refund,) = refunds_of(order.payment_no)
    assert [(str(t.funder), t.amount.minor) for t in refund.tenders] == [
        ("payer", 2769),
        ("bank", 231),
    ]
    assert fresh(order).status == Status.ARRIVED
    assert BankOffer.objects.get().used_minor == 1369
    until(lambda: send_refund(refund.refund_no).status == "succeeded")
    assert fresh(order).refunded_minor == 2769
    told = OutboxEvent.objects.get(fact="line.refunded").payload
    assert (told["quantity"], told["value_minor"]) == (1, 3000)

    collect_order(order_no=order.order_no, by=group.leader)

    assert balance("2101", reference=order.order_no) == 0
    assert OutboxEvent.objects.get(fact="order.collected").payload["lines"][0]["quantity"] == 0


def test_below_the_threshold_a_forfeit_offer_takes_its_discount_back(group, acquirer):
    make_offer(refund_policy=BankOffer.RefundPolicy.FORFEIT)
    order = buy(group, acquirer, payable=19200)

    arrive(group, first=0)

    (refund,) = refunds_of(order.payment_no)
    assert [(str(t.funder), t.amount.minor) for t in refund.tenders] == [
        ("payer", 1400),
        ("bank", 1600),
    ]
    assert OfferReservation.objects.get().state == "clawed_back"


def test_what_is_short_goes_off_the_last_orders(group, acquirer):
    early = buy(group, acquirer, payable=6000, first=2)
    late = buy(group, acquirer, name="李小娟", payable=6000, first=2)

    arrive(group, first=3, second=None, third=None)

    assert refunds_of(early.payment_no) == []
    (refund,) = refunds_of(late.payment_no)
    assert refund.amount.minor == 3000


def test_an_order_of_which_nothing_came_is_refunded_and_gets_no_code(group, acquirer):
    order = buy(group, acquirer, payable=3000, first=1)

    arrive(group, first=0, second=None, third=None)
    (refund,) = refunds_of(order.payment_no)
    until(lambda: send_refund(refund.refund_no).status == "succeeded")

    back = fresh(order)
    assert (back.status, back.pickup_code) == (Status.REFUNDED, "")


def test_a_code_hands_the_bag_over_once(group, acquirer):
    order = buy(group, acquirer)
    arrive(group)
    code = fresh(order).pickup_code

    first = collect_by_code(point_id=group.pickup_point_id, code=code, by=group.leader)
    again = collect_by_code(point_id=group.pickup_point_id, code=f" {code} ", by=group.leader)

    assert first.pk == again.pk
    collected = fresh(order)
    assert collected.status == Status.COLLECTED
    assert collected.window_ends_at - collected.collected_at == timedelta(days=7)
    assert JournalTransaction.objects.filter(kind="fulfil").count() == 1
    assert balance("2101", reference=order.order_no) == 0
    assert -balance("2201") == 16640
    assert OutboxEvent.objects.filter(fact="order.collected").count() == 1


def test_the_qr_hands_the_bag_over(group, acquirer):
    order = buy(group, acquirer)
    arrive(group)

    done = collect_by_token(token=fresh(order).pickup_token, by=group.leader)

    assert done.means == "scan"
    with pytest.raises(CodeUnknownError):
        collect_by_token(token="", by=group.leader)


def test_somebody_elses_leader_cannot_open_the_bag(group, acquirer):
    order = buy(group, acquirer)
    arrive(group)
    code, stranger = fresh(order).pickup_code, make_person("赵大爷")

    with pytest.raises(NotYourPointError):
        collect_by_code(point_id=group.pickup_point_id, code=code, by=stranger)
    with pytest.raises(NotYourPointError):
        collect_order(order_no=order.order_no, by=stranger)
    with pytest.raises(OrderGoneError):
        bag_of(order.order_no, by=stranger)

    assert fresh(order).status == Status.ARRIVED


def test_five_wrong_codes_lock_the_screen_for_a_minute(group, acquirer):
    order = buy(group, acquirer)
    arrive(group)
    code = fresh(order).pickup_code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    point = group.pickup_point_id

    left = []
    for _ in range(5):
        with pytest.raises(CodeUnknownError) as refused:
            find_by_code(point_id=point, code=wrong, by=group.leader)
        left.append(refused.value.data["tries_left"])

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(ScreenLockedError) as locked:
        collect_by_code(point_id=point, code=code, by=group.leader)
    with time_machine.travel(locked.value.data["until"] + timedelta(seconds=1), tick=False):
        assert find_by_code(point_id=point, code=code, by=group.leader).pk == order.pk


def test_nothing_is_handed_over_before_it_arrived(group, acquirer):
    order = buy(group, acquirer)

    with pytest.raises(NotCollectableError):
        collect_order(order_no=order.order_no, by=group.leader)


def test_a_hand_over_is_undone_with_a_reason_and_done_again(group, acquirer):
    order = buy(group, acquirer)
    arrive(group)
    collect_order(order_no=order.order_no, by=group.leader)

    undone = undo_collection(order_no=order.order_no, by=group.leader, reason="wrong neighbour")

    assert undone.status == Status.ARRIVED
    assert -balance("2101", reference=order.order_no) == 20800
    assert balance("2201") == 0
    collect_order(order_no=order.order_no, by=group.leader)
    assert balance("2101", reference=order.order_no) == 0
    assert Collection.objects.count() == 2
    assert Collection.objects.exclude(undone_at=None).get().undo_reason == "wrong neighbour"
    facts = OutboxEvent.objects.filter(fact__endswith="collected").order_by("pk")
    assert [event.fact for event in facts] == [
        "order.collected",
        "order.uncollected",
        "order.collected",
    ]


def test_the_window_ends_by_itself_or_by_staff(group, acquirer):
    slow, quick = buy(group, acquirer), buy(group, acquirer, name="李小娟")
    arrive(group, first=2, second=4, third=2)
    staff = make_person("管理员", is_staff=True)
    for order in (slow, quick):
        collect_order(order_no=order.order_no, by=group.leader)

    close_window_now(order_no=quick.order_no, by=staff, reason="the neighbour moved away")

    assert (fresh(quick).status, fresh(slow).status) == (Status.CLOSED, Status.COLLECTED)
    assert quick.order.notes.get().message == "the neighbour moved away"
    assert close_due(limit=10) == {"closed": 0}
    with time_machine.travel(fresh(slow).window_ends_at, tick=False):
        assert close_due(limit=10) == {"closed": 1}
    assert OutboxEvent.objects.filter(fact="order.closed").count() == 2
    with pytest.raises(NotUndoableError):
        undo_collection(order_no=slow.order_no, by=group.leader, reason="too late")


def test_the_leader_sees_her_day_with_masked_names(group, acquirer, django_assert_num_queries):
    order = buy(group, acquirer)
    form(group)
    leader = group.leader_id
    assert desk_of(leader).to_receive == 1
    assert [(row.expected, row.received) for row in items_to_receive(leader, group.pk)] == [
        (1, 1),
        (2, 2),
        (1, 1),
    ]
    assert group_of_leader(leader, group.pk).can_receive

    arrive(group)

    (shown,) = groups_of_leader(leader)
    assert (shown.joined, shown.quantity, shown.received_at is not None) == (1, 4, True)
    desk = desk_of(leader)
    assert (desk.to_receive, desk.to_hand_over, desk.goods_today_minor) == (0, 1, 20800)
    rows = orders_of_leader(leader, show="waiting")
    with django_assert_num_queries(5):
        (row,) = rows[:20]
    assert (row.order_no, row.masked_name, row.phone_tail) == (order.order_no, "李*娟", "8000")
    assert len(orders_of_leader(leader, query="李小娟")) == 1
    assert len(orders_of_leader(leader, query=fresh(order).pickup_code)) == 1
    assert len(orders_of_leader(leader, query="没有这个人")) == 0
    bag = bag_of(order.order_no, by=group.leader)
    assert (bag.pieces, bag.can_hand_over, len(bag.lines)) == (4, True, 3)

    collect_order(order_no=order.order_no, by=group.leader)

    progress = progress_of(leader, group_id=group.pk)
    assert (progress.done, progress.total) == (1, 1)
    assert [row.order_no for row in just_collected(leader)] == [order.order_no]
    assert bag_of(order.order_no, by=group.leader).problem
    with pytest.raises(OrderGoneError):
        group_of_leader(make_person("赵大爷").pk, group.pk)
