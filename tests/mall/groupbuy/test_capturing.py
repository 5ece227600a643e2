"""What a leader pastes waits line by line; each is ordered or dropped once, by her alone."""

from __future__ import annotations

import pytest

from mall.groupbuy.capturing import (
    correct,
    drop,
    hold_line,
    inboxes_of,
    items_for,
    mark_confirmed,
    paste,
    take_up_again,
)
from mall.groupbuy.errors import CaptureError
from mall.groupbuy.models import CaptureInbox, CaptureLine, LeaderGroup
from payments.api import NotInTransactionError, local, transact
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)

pytestmark = pytest.mark.django_db
CHAIN = "1. 李姐 玉米2\n2. 张叔 榴莲1\n3. 王阿姨 +2"


@pytest.fixture
def group() -> LeaderGroup:
    items = [make_item_plan(make_product("糯玉米")), make_item_plan(make_product("土鸡蛋"))]
    return make_open_group(items=items)


def lines_of(group: LeaderGroup):
    return paste(group_id=group.pk, leader_id=group.leader_id, text=CHAIN).lines


def test_a_pasted_chain_is_kept_line_by_line_and_the_same_text_once(group):
    corn = item_of(group)

    first = lines_of(group)
    again = lines_of(group)

    assert [line.line_id for line in first] == [line.line_id for line in again]
    assert [(line.name, line.items, bool(line.problems)) for line in first] == [
        ("李姐", {corn.pk: 2}, False),
        ("张叔", {}, True),
        ("王阿姨", {}, True),
    ]
    assert CaptureInbox.objects.count() == 1


def test_codes_of_the_day_are_understood(group):
    day = f"{local(group.group_buy.opens_at):%y%m%d}"
    assert items_for(group)[1].codes[0] == f"{day}-2"

    (line,) = paste(group_id=group.pk, leader_id=group.leader_id, text=f"1. 李姐 {day}-2 x3").lines
    assert line.items == {item_of(group, 2).pk: 3}


def test_she_corrects_a_line_and_orders_it_once(group):
    corn, leader = item_of(group), group.leader_id
    line = lines_of(group)[1]

    fixed = correct(
        line_id=line.line_id, leader_id=leader, items={corn.pk: 1}, name="张叔", phone="", remark=""
    )
    assert (fixed.items, fixed.problems) == ({corn.pk: 1}, ())
    transact()(hold_line)(line_id=line.line_id, leader_id=leader)
    assert mark_confirmed(line_id=line.line_id, leader_id=leader, order_no="M1") is True
    assert mark_confirmed(line_id=line.line_id, leader_id=leader, order_no="M2") is False

    with pytest.raises(CaptureError):
        transact()(hold_line)(line_id=line.line_id, leader_id=leader)
    assert drop(line_id=line.line_id, leader_id=leader) is False
    assert CaptureLine.objects.get(pk=line.line_id).order_no == "M1"


def test_a_dropped_line_can_be_taken_up_again(group):
    line = lines_of(group)[0]
    who = {"line_id": line.line_id, "leader_id": group.leader_id}

    assert (drop(**who), drop(**who)) == (True, False)
    assert (take_up_again(**who), take_up_again(**who)) == (True, False)


def test_goods_of_another_sale_and_silly_numbers_are_refused(group):
    line, other = lines_of(group)[0], item_of(make_open_group())

    for items in ({other.pk: 1}, {item_of(group).pk: 0}, {item_of(group).pk: 100}, {}):
        with pytest.raises(CaptureError):
            correct(
                line_id=line.line_id,
                leader_id=group.leader_id,
                items=items,
                name="",
                phone="",
                remark="",
            )


def test_another_leader_sees_and_moves_nothing(group):
    line, stranger = lines_of(group)[0], make_person().pk

    with pytest.raises(LeaderGroup.DoesNotExist):
        paste(group_id=group.pk, leader_id=stranger, text="1. 李姐 玉米2")
    with pytest.raises(CaptureLine.DoesNotExist):
        transact()(hold_line)(line_id=line.line_id, leader_id=stranger)
    assert drop(line_id=line.line_id, leader_id=stranger) is False
    assert mark_confirmed(line_id=line.line_id, leader_id=stranger, order_no="M1") is False
    assert inboxes_of(group_id=group.pk, leader_id=stranger) == []
    assert len(inboxes_of(group_id=group.pk, leader_id=group.leader_id)) == 1


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "长" * 20_001])
def test_nothing_and_a_novel_are_refused(group, text: str):
    with pytest.raises(CaptureError):
        paste(group_id=group.pk, leader_id=group.leader_id, text=text)


def test_a_line_is_held_by_the_transaction_that_orders_it(transactional_db):
    with pytest.raises(NotInTransactionError):
        hold_line(line_id=1, leader_id=1)
