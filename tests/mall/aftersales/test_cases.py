"""A case from the complaint to the money, by everybody's hand."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from mall.aftersales.asking import withdraw
from mall.aftersales.deciding import (
    accept_offer,
    appeal,
    approve,
    confirm,
    decline_offer,
    offer,
    pass_on,
    reject,
    send_back,
)
from mall.aftersales.errors import (
    AskedTooMuchError,
    CaseGoneError,
    CaseOpenError,
    NotAppealableError,
    NotAskableError,
    NotYourTurnError,
    OverLimitError,
    PhotoMissingError,
    ReasonMissingError,
)
from mall.aftersales.jobs import escalate_due
from mall.aftersales.models import AfterSalesCase, DecisionAllowance
from mall.aftersales.worth import Claimed
from mall.fulfilment.closing import close_due, close_window_now
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.errors import WindowHeldError
from mall.ordering.models import LineBack, Status
from mall.ordering.pricing import Wish
from mall.ordering.status import move
from payments.api import SecondPersonError, balance, deliver_pending
from payments.models import OutboxEvent, Refund
from payments.services.refund_facts import tell_refund
from tests.factories.groups import make_person
from tests.mall.aftersales.complaining import (
    again,
    arrived_order,
    collected_order,
    complain,
    fresh,
    lines_of,
    make_staff,
)
from tests.mall.ordering.discounted import back, funders, make_voucher_of_three, sent
from tests.mall.ordering.shopping import fill, make_worked_group, place

pytestmark = pytest.mark.django_db
with_books = pytest.mark.usefixtures("books_agree")


def by_leader(case: AfterSalesCase, **how: object) -> AfterSalesCase:
    return approve(case_no=case.case_no, by=case.leader, role="leader", **how)


def told(fact: str) -> list[dict]:
    rows = OutboxEvent.objects.filter(fact=fact).order_by("pk")
    return list(rows.values_list("payload", flat=True))


def test_a_leader_approves_and_the_resident_has_her_money_back():
    order = collected_order(everything=True)
    supplier = f"supplier:{lines_of(order)[1].supplier_id}"
    before = balance("2201", party=supplier)

    case = complain(order, quantity=1)
    assert (case.status, case.turn, case.asked_minor) == ("requested", "leader", 3698)
    assert fresh(order).window_held
    by_leader(case)

    case = again(case)
    assert (case.status, case.given_minor, case.value_minor) == ("refunding", 3698, 4900)
    assert not fresh(order).window_held
    assert sum(back(order).values()) == 4900
    assert back(order)["payer", ""] == 3698
    # The eggs' cost comes back from the supplier, less his own part of the voucher.
    returned = balance("2201", party=supplier) - before
    assert returned == 3920 - back(order)["supplier", supplier]
    (decided,) = told("case.decided")
    assert (decided["outcome"], decided["bearer"], decided["cost_minor"]) == (
        "approved",
        "supplier",
        3920,
    )


def test_refund_facts_end_the_case():
    case = by_leader(complain(collected_order()))
    refund = Refund.objects.get(refund_no=case.refund_no)

    tell_refund(refund, "failed")
    deliver_pending(100)
    failed = again(case)
    assert (failed.status, failed.refund_failed_at is None) == ("refunding", False)
    # It never blocks: the line may be complained about again.
    complain(fresh(case.order), quantity=1)


@with_books
def test_what_funders_paid_alone_is_done_at_once():
    resident = make_person("王阿姨")
    voucher = make_voucher_of_three(resident, threshold_minor=9000, discount_minor=8999)
    group = make_worked_group()
    wish = Wish(way="cashier", voucher_no=voucher.voucher_no)
    order = sent(place(fill(group, resident, first=3), resident, wish=wish, payable=1))
    move(order, Status.ARRIVED)
    collect_order(order_no=order.order_no, by=order.leader)

    case = by_leader(complain(fresh(order), line=0, quantity=1))

    # She had paid one fen of it, and it comes with a later piece.
    assert (case.status, case.given_minor, case.value_minor) == ("refunded", 0, 3000)
    assert back(order)["payer", ""] == 0
    assert sum(back(order).values()) == 3000


def test_fen_off_goods_that_stay_give_her_what_she_asked_for():
    order = collected_order(everything=True)

    case = by_leader(complain(order, line=2, minor=1000))

    salmon = lines_of(order)[2]
    assert (case.given_minor, salmon.refunded_quantity) == (1000, 0)
    assert case.value_minor == salmon.refunded_minor > 1000
    assert case.cost_minor == salmon.returned_cost_minor == case.value_minor * 6400 // 8000


@with_books
def test_what_the_supplier_does_not_bear_leaves_him_all():
    order, staff = collected_order(), make_staff("客服")
    supplier = f"supplier:{lines_of(order)[1].supplier_id}"
    before, loss = balance("2201", party=supplier), balance("6403")

    # Borne by the courier, by the mall, by the leader; the last may be taken off her settlement.
    for line, why in ((0, "broken"), (1, "wrong-goods"), (2, "missing")):
        case = complain(fresh(order), line=line, quantity=1, why=why)
        approve(case_no=case.case_no, by=staff, role="mall")
        assert again(case).cost_minor == 0

    assert balance("2201", party=supplier) == before
    assert balance("6403") - loss == 3000 + 4900 + 8000
    assert [fact["bearer"] for fact in told("case.decided")] == ["courier", "platform", "leader"]


@with_books
def test_at_the_counter_before_pickup_the_supplier_is_owed_less():
    order = arrived_order()

    case = by_leader(complain(order, quantity=2, line=1), claimed=Claimed(quantity=1))

    eggs = lines_of(order)[1]
    assert (eggs.refunded_quantity, eggs.returned_cost_minor) == (1, 3920)
    assert case.given_minor == 4900
    assert LineBack.objects.get(line=eggs).why == "case"


def test_one_open_case_per_line_and_none_beyond_what_is_left():
    order = collected_order()
    case = complain(order, quantity=1)

    with pytest.raises(CaseOpenError):
        complain(order, quantity=1)
    with pytest.raises(AskedTooMuchError):
        complain(order, line=2, quantity=2)
    by_leader(case)
    with pytest.raises(AskedTooMuchError):
        complain(fresh(order), quantity=2)
    assert AfterSalesCase.objects.count() == 1


def test_the_same_form_twice_is_one_case():
    order = collected_order()

    first, second = complain(order, key="form-1"), complain(order, key="form-1")

    assert first.pk == second.pk
    assert first.photos.count() == 1


def test_some_reasons_want_a_photo_and_some_do_not():
    order = collected_order()

    with pytest.raises(PhotoMissingError):
        complain(order, photos=[])
    assert complain(order, why="missing", photos=[]).turn == "leader"


def test_the_window_closes_by_storage_and_by_reason():
    order = collected_order()
    order.lines.filter(pk=lines_of(order)[2].pk).update(storage_class="chilled")

    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        with pytest.raises(NotAskableError):
            complain(fresh(order), line=2)
        with pytest.raises(NotAskableError):
            complain(fresh(order), line=1, why="missing")
        assert complain(fresh(order), line=1).is_open
    with pytest.raises(NotAskableError):
        complain(fresh(order), line=0, why="changed-mind")


def test_an_open_case_keeps_the_order_from_closing():
    order = collected_order()
    case = complain(order)

    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        close_due(10)
        assert fresh(order).status == Status.COLLECTED
        with pytest.raises(WindowHeldError):
            close_window_now(order_no=order.order_no, by=order.leader, reason="早点结清")
        reject(case_no=case.case_no, by=case.leader, role="leader", text="照片看不出问题")
        close_due(10)
    assert fresh(order).status == Status.CLOSED


def test_a_rejection_needs_words_and_may_be_appealed_once():
    order = collected_order()
    case = complain(order)
    with pytest.raises(ReasonMissingError):
        reject(case_no=case.case_no, by=case.leader, role="leader", text=" ")
    reject(case_no=case.case_no, by=case.leader, role="leader", text="照片看不出问题")
    with pytest.raises(NotAskableError):
        complain(fresh(order))

    appeal(case_no=case.case_no, by=case.resident, text="请看第二张")
    assert (again(case).turn, again(case).passed) == ("mall", "appeal")
    with pytest.raises(NotYourTurnError):
        by_leader(case)
    staff = make_staff("客服")
    reject(case_no=case.case_no, by=staff, role="mall", text="仍看不出问题")
    with pytest.raises(NotAppealableError):
        appeal(case_no=case.case_no, by=case.resident, text="再看看")
    assert [fact["outcome"] for fact in told("case.decided")] == ["rejected", "rejected"]


@with_books
def test_an_offer_is_accepted_or_goes_to_the_mall():
    order = collected_order()
    first, second = complain(order, line=1, quantity=2), complain(order, line=2, quantity=1)
    for case in (first, second):
        offer(
            case_no=case.case_no,
            by=case.leader,
            role="leader",
            claimed=Claimed(payer_minor=2000),
            text="只坏了一部分",
        )
    used = DecisionAllowance.objects.get()
    assert used.used_minor == 4000

    accept_offer(case_no=first.case_no, by=first.resident)
    accept_offer(case_no=first.case_no, by=first.resident)
    decline_offer(case_no=second.case_no, by=second.resident)

    assert (again(first).status, again(first).given_minor) == ("refunding", 2000)
    assert (again(second).turn, again(second).passed) == ("mall", "declined")
    used.refresh_from_db()
    assert used.used_minor == 2000


def test_an_unanswered_offer_and_a_silent_leader_go_to_the_mall():
    order = collected_order()
    silent, offered = complain(order, line=1), complain(order, line=2, minor=500)
    offer(
        case_no=offered.case_no,
        by=offered.leader,
        role="leader",
        claimed=Claimed(payer_minor=300),
        text="小一点",
    )
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        assert escalate_due(10) == {"passed_on": 1}
        assert escalate_due(10) == {"passed_on": 0}
    assert again(silent).passed == "silence"
    with time_machine.travel(timezone.now() + timedelta(hours=49), tick=False):
        assert escalate_due(10) == {"passed_on": 1}
    assert again(offered).passed == "lapsed"
    assert DecisionAllowance.objects.get().used_minor == 0


def test_a_leader_has_a_limit_per_case_and_per_day(settings):
    order = collected_order()
    salmon, eggs = complain(order, line=2, quantity=1), complain(order, line=1, quantity=1)

    with pytest.raises(OverLimitError) as refused:
        by_leader(salmon)
    assert refused.value.data["limit_minor"] == 5000
    settings.LINLI_CASE_LEADER_DAY_MINOR = 4899
    with pytest.raises(OverLimitError):
        by_leader(eggs)
    settings.LINLI_CASE_LEADER_DAY_MINOR = 4900
    by_leader(eggs)
    assert DecisionAllowance.objects.get().used_minor == 4900

    pass_on(case_no=salmon.case_no, by=salmon.leader)
    with pytest.raises(NotYourTurnError):
        by_leader(salmon)


@with_books
def test_above_another_limit_two_people_decide(settings):
    settings.LINLI_CASE_TWO_PEOPLE_MINOR = 5000
    order = collected_order()
    case = complain(order, line=2, quantity=1)
    maker, checker = make_staff("客服甲"), make_staff("客服乙")

    approve(case_no=case.case_no, by=maker, role="mall", bearer="courier")
    assert (again(case).status, again(case).refund_no) == ("approved", "")
    with pytest.raises(SecondPersonError):
        confirm(case_no=case.case_no, by=maker)
    with pytest.raises(CaseGoneError):
        confirm(case_no=case.case_no, by=make_staff("实习生", "decide_aftersalescase"))
    send_back(case_no=case.case_no, by=checker, note="供应商承担")
    assert (again(case).status, again(case).value_minor) == ("requested", 0)
    approve(case_no=case.case_no, by=maker, role="mall", bearer="supplier")
    confirm(case_no=case.case_no, by=checker)
    confirm(case_no=case.case_no, by=checker)

    case = again(case)
    assert (case.status, case.bearer, case.confirmed_by) == ("refunding", "supplier", checker)
    assert sum(back(order).values()) == 8000


def test_nobody_decides_in_an_own_case():
    order = collected_order()
    case = complain(order)
    AfterSalesCase.objects.filter(pk=case.pk).update(leader=order.resident)
    with pytest.raises(NotYourTurnError):
        approve(case_no=case.case_no, by=order.resident, role="leader")


def test_other_peoples_cases_are_not_there():
    case = complain(collected_order())
    stranger = make_staff("路人")
    stranger.is_staff = False
    for role in ("resident", "leader", "mall"):
        with pytest.raises(CaseGoneError):
            approve(case_no=case.case_no, by=stranger, role=role)
    with pytest.raises(CaseGoneError):
        withdraw(case_no=case.case_no, by=case.leader)


def test_withdrawn_is_over():
    order = collected_order()
    case = complain(order)

    withdraw(case_no=case.case_no, by=case.resident)
    withdraw(case_no=case.case_no, by=case.resident)

    assert again(case).status == "cancelled"
    assert not fresh(order).window_held
    with pytest.raises(NotYourTurnError):
        by_leader(case)
    assert complain(fresh(order)).is_open


@with_books
def test_everybody_gets_exactly_his_part_by_any_number_of_cases():
    order = collected_order(everything=True)
    gave = funders(order)
    staff = make_staff("客服")
    for line, asked in ((1, {"minor": 777}), (1, {"quantity": 1}), (2, {"minor": 1}), (0, {})):
        case = complain(fresh(order), line=line, **asked)
        approve(case_no=case.case_no, by=staff, role="mall")
    for line in lines_of(order):
        if line.refunded_quantity < line.quantity:
            left = line.quantity - line.refunded_quantity
            case = complain(fresh(order), line=lines_of(order).index(line), quantity=left)
            approve(case_no=case.case_no, by=staff, role="mall")

    assert back(order) == {("payer", ""): 15700, **gave}
