"""From what residents' orders kept to what a supplier is asked for, sent once and answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from mall.catalogue.models import ProductExtra
from mall.groupbuy.lifecycle import mark_ordered
from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import LineFulfilment
from mall.supply.answering import Answer, acknowledge, answer
from mall.supply.drafting import draft_for, void_drafts
from mall.supply.errors import (
    AlreadySharedError,
    AnswerError,
    NoPhoneError,
    NotADraftError,
    NotDueError,
    NotOutError,
    ReasonNeededError,
    SentJustNowError,
    UnitValueMissingError,
)
from mall.supply.jobs import draft_due, forget_links, remind_due, send_due
from mall.supply.models import PurchaseLine, PurchaseOrder, PurchaseShare
from mall.supply.selectors import board, mark_shared, open_shortages, points_of
from mall.supply.sending import resend, send, supplement
from payments.api import business_date, is_number, now
from payments.models import OutboxEvent
from tests.mall.supply.buying import bought, confirm, cut, make_sale, make_supplier, order

pytestmark = pytest.mark.django_db


def fresh(purchase: PurchaseOrder) -> PurchaseOrder:
    return PurchaseOrder.objects.get(pk=purchase.pk)


def facts(name: str) -> list[dict]:
    return [e.payload for e in OutboxEvent.objects.filter(fact=name).order_by("pk")]


def test_each_supplier_gets_its_own_lines_with_pieces_weight_and_cost():
    group = make_sale(case_size=4)
    confirm(order(group, first=3, third=1), order(group, "王阿姨", first=6, second=2))
    cut(group)

    coop, fish = draft_for(group.group_buy_id)

    corn, eggs = coop.lines.all()
    assert is_number(coop.purchase_no)
    assert coop.purchase_no.startswith("G")
    assert (corn.title, corn.pieces, corn.grams, corn.unit_cost_minor) == ("糯玉米", 9, 9000, 1500)
    assert (corn.cases, corn.loose) == (2, 1)
    assert (eggs.pieces, eggs.cost_minor) == (2, 4900)
    assert (coop.line_count, coop.pieces, coop.grams) == (2, 11, 11000)
    assert coop.cost_minor == 9 * 1500 + 2 * 2450
    assert [line.title for line in fish.lines.all()] == ["三文鱼"]
    assert coop.snapshot["contact"] == "陈青禾"
    assert coop.status == "draft"


def test_pieces_that_went_back_and_orders_that_ended_are_not_bought():
    group = make_sale()
    kept, gone, unpaid = (order(group, name, first=2) for name in ("甲", "乙", "丙"))
    confirm(kept, gone)
    kept.lines.update(refunded_quantity=1, refunded_minor=3000, returned_cost_minor=1500)
    type(gone).objects.filter(pk=gone.pk).update(cancel_requested_at=now())
    type(unpaid).objects.filter(pk=unpaid.pk).update(status="cancelled")
    cut(group)

    (coop,) = draft_for(group.group_buy_id)

    (line,) = coop.lines.all()
    assert (line.pieces, line.cost_minor) == (1, 1500)


def test_a_draft_is_counted_anew_and_falls_away_when_nothing_is_left():
    group, (coop, _fish) = bought()
    first = LineFulfilment.objects.filter(order__group=group).order_by("pk")[0]
    LineFulfilment.objects.filter(pk=first.pk).update(
        refunded_quantity=1, refunded_minor=3000, returned_cost_minor=1500
    )

    again = draft_for(group.group_buy_id)

    assert next(draft.pk for draft in again) == coop.pk
    assert [line.title for line in coop.lines.all()] == ["土鸡蛋"]
    LineFulfilment.objects.update(
        refunded_quantity=2, quantity=2, value_minor=2 * 8000, unit_minor=8000
    )
    assert draft_for(group.group_buy_id) == []
    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {"void"}
    assert not PurchaseShare.objects.exists()


def test_nothing_is_bought_before_every_order_is_decided():
    group = make_sale()
    open_order = order(group, first=1)
    with pytest.raises(NotDueError):
        draft_for(group.group_buy_id)
    cut(group)
    with pytest.raises(NotDueError):
        draft_for(group.group_buy_id)

    confirm(open_order)

    assert len(draft_for(group.group_buy_id)) == 1


def test_the_job_waits_its_minutes_and_drafts_once():
    group = make_sale()
    confirm(order(group, first=1, third=1))
    cut(group, minutes_ago=4)

    assert draft_due(10)["drafted"] == 0
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        assert draft_due(10) == {"drafted": 1, "void": 0}
        assert draft_due(10) == {"drafted": 0, "void": 0}

    assert PurchaseOrder.objects.count() == 2


def test_a_sale_marked_as_ordered_by_hand_still_gets_its_orders():
    group = make_sale()
    confirm(order(group, first=1))
    cut(group)
    mark_ordered(group_buy_id=group.group_buy_id)

    assert draft_due(10)["drafted"] == 1
    assert send(PurchaseOrder.objects.get().purchase_no, by="li").path


def test_sending_freezes_marks_the_sale_and_tells_once():
    group, (coop, fish) = bought()

    sent = send(coop.purchase_no, by="li")
    again = send(coop.purchase_no, by="li")

    assert sent.path.startswith("/supplier/")
    assert again.path == ""
    coop = fresh(coop)
    assert (coop.status, coop.sent_by, coop.times_sent) == ("sent", "li", 1)
    assert GroupBuy.objects.get(pk=group.group_buy_id).state == State.ORDERED
    (told,) = facts("purchase.sent")
    assert (told["order_no"], told["phone"], told["link"]) == (
        coop.purchase_no,
        "+8613900000101",
        sent.path,
    )
    assert [event.what for event in coop.events.all()] == ["drafted", "sent"]
    send(fish.purchase_no, by="li")
    assert len(facts("groupbuy.ordered")) == 1


def test_goods_without_a_weight_stop_the_order_and_are_named():
    _group, (coop, _fish) = bought()
    ProductExtra.objects.filter(product__title="土鸡蛋").update(net_grams=None)
    draft_for(coop.group_buy_id)

    with pytest.raises(UnitValueMissingError) as refused:
        send(coop.purchase_no, by="li")

    assert refused.value.data["titles"] == ["土鸡蛋"]
    assert (fresh(coop).grams, fresh(coop).status) == (None, "draft")
    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseOrder.objects.filter(pk=coop.pk).update(status="sent", sent_at=now())
    ProductExtra.objects.update(net_grams=500)
    send(coop.purchase_no, by="li")
    assert fresh(coop).grams == 1500


def test_by_hand_with_a_reason_and_without_a_phone_only_so():
    _group, (coop, _fish) = bought()
    make_supplier(phone="")
    with pytest.raises(NoPhoneError):
        send(coop.purchase_no, by="li")
    with pytest.raises(ReasonNeededError):
        send(coop.purchase_no, by="li", means="hand", reason="  ")

    send(coop.purchase_no, by="li", means="hand", reason="read out on the phone")

    assert fresh(coop).sent_reason == "read out on the phone"
    assert facts("purchase.sent") == []


def test_again_after_a_minute_and_the_old_link_is_dead():
    _group, (coop, _fish) = bought()
    with pytest.raises(NotOutError):
        resend(coop.purchase_no, by="li")
    send(coop.purchase_no, by="li")
    with pytest.raises(SentJustNowError):
        resend(coop.purchase_no, by="li")

    with time_machine.travel(now() + timedelta(seconds=61), tick=False):
        resend(coop.purchase_no, by="wang")

    old, new = coop.links.order_by("pk")
    assert (old.revoked_by, new.revoked_at) == ("wang", None)
    assert fresh(coop).times_sent == 2
    assert len(facts("purchase.sent")) == 2


def test_who_does_not_answer_is_reminded_three_times_and_not_after_the_delivery():
    _group, (coop, _fish) = bought()
    send(coop.purchase_no, by="li")

    counts = []
    for minutes in (20, 31, 40, 62, 93, 124):
        with time_machine.travel(fresh(coop).sent_at + timedelta(minutes=minutes), tick=False):
            counts.append(remind_due(10)["reminded"])

    assert counts == [0, 1, 0, 1, 1, 0]
    assert len(facts("purchase.reminded")) == 3
    assert coop.links.filter(revoked_at=None).count() == 4
    with time_machine.travel(coop.deliver_until + timedelta(days=120), tick=False):
        assert forget_links(100) == {"forgotten": 4}


def test_who_wants_it_gets_orders_without_anybody_pressing():
    group = make_sale()
    make_supplier(is_sent_by_itself=True)
    confirm(order(group, first=1, third=1))
    cut(group)
    draft_due(10)

    assert send_due(10) == {"sent": 1}
    assert send_due(10) == {"sent": 0}
    assert PurchaseOrder.objects.get(status="sent").supplier.name == "青禾合作社"


def test_all_of_it_is_acknowledged_once():
    _group, (coop, _fish) = bought()
    with pytest.raises(NotOutError):
        acknowledge(coop.purchase_no, by="陈青禾")
    send(coop.purchase_no, by="li")

    acknowledge(coop.purchase_no, by="陈青禾")
    acknowledge(coop.purchase_no, by="陈青禾")

    assert fresh(coop).status == "acknowledged"
    assert facts("purchase.answered")[0]["missing"] == []
    assert len(facts("purchase.answered")) == 1
    assert open_shortages() == []


def test_less_needs_a_reason_and_becomes_an_open_shortage():
    _group, (coop,) = bought(first=5, second=2)
    send(coop.purchase_no, by="li")
    corn, eggs = coop.lines.all()
    for wrong in (
        {corn.pk: Answer(can_bring=6)},
        {corn.pk: Answer(can_bring=-1)},
        {corn.pk: Answer(can_bring=2)},
        {0: Answer(can_bring=0, because="x")},
    ):
        with pytest.raises(AnswerError):
            answer(coop.purchase_no, wrong, by="陈青禾")

    until = business_date() + timedelta(days=2)
    short = {corn.pk: Answer(can_bring=3, because="雨大，没采完", rest_until=until)}
    answer(coop.purchase_no, short, by="陈青禾")
    answer(coop.purchase_no, short, by="陈青禾")

    assert fresh(coop).status == "answered_short"
    assert len(facts("purchase.answered")) == 1
    (shortage,) = open_shortages(coop.group_buy_id)
    assert (shortage.ordered, shortage.available, shortage.missing) == (5, 3, 2)
    assert (shortage.item_id, shortage.because) == (corn.item_id, "雨大，没采完")
    assert mark_shared(item_id=corn.item_id, by="li") == 1
    assert mark_shared(item_id=corn.item_id, by="li") == 0
    assert open_shortages() == []
    with pytest.raises(AlreadySharedError):
        acknowledge(coop.purchase_no, by="陈青禾")
    assert eggs.missing == 0


def test_late_money_becomes_a_supplement_and_corrections_have_a_reason():
    group, (purchase,) = bought(first=5)
    send(purchase.purchase_no, by="li")
    late = order_late(group, first=2)
    confirm(late)

    assert draft_due(10)["drafted"] >= 1

    extra = PurchaseOrder.objects.get(kind="supplement")
    assert (extra.supplements_id, extra.pieces) == (purchase.pk, 2)
    line = purchase.lines.get()
    with pytest.raises(ReasonNeededError):
        supplement(purchase.purchase_no, {line.pk: -1}, reason=" ", by="li")
    for wrong in ({line.pk: -6}, {0: 1}, {line.pk: 0}, {line.pk: 10**7}):
        with pytest.raises(AnswerError):
            supplement(purchase.purchase_no, wrong, reason="x", by="li")
    fewer = supplement(purchase.purchase_no, {line.pk: -1}, reason="one order ended", by="li")
    draft_for(group.group_buy_id)
    assert (fresh(fewer).pieces, fresh(fewer).cost_minor) == (-1, -1500)
    send(fewer.purchase_no, by="li")
    assert PurchaseLine.objects.get(pk=line.pk).pieces == 5


def order_late(group, **quantities):
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.OPEN)
    type(group).objects.filter(pk=group.pk).update(state=State.OPEN)
    placed = order(group, "晚到的", **quantities)
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.ORDERED)
    return placed


def test_prolonging_lets_drafts_fall_away_and_they_are_made_again():
    group, drafts = bought()
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.OPEN)

    assert draft_due(10)["void"] == 1
    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {"void"}
    with pytest.raises(NotADraftError):
        send(drafts[0].purchase_no, by="li")

    cut(group)
    assert len(draft_for(group.group_buy_id)) == 2
    assert void_drafts(group.group_buy_id) == 2


def test_the_split_over_points_and_the_board_of_the_day():
    group, (coop, fish) = bought(first=1, second=2, third=1)
    send(coop.purchase_no, by="li")
    corn = coop.lines.all()[0]

    (part,) = points_of(coop)[corn.pk]
    assert (part.point, part.pieces) == (group.pickup_point.name, 1)

    days = board(group.group_buy.pickup_on)
    assert {day.name: day.orders[0].status for day in days} == {
        "青禾合作社": "sent",
        "沈家湾水产行": "draft",
    }
    assert board(group.group_buy.pickup_on + timedelta(days=1)) == []
    assert fish.pieces == 1
