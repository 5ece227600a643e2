"""A page that is looked at asks cheaply what is new, and every figure is what was paid."""

from __future__ import annotations

import pytest

from mall.groupbuy.entries import (
    add_entry,
    change_entry,
    move_entry,
    set_named,
    set_remark,
    withdraw_entry,
)
from mall.groupbuy.invariants import check
from mall.groupbuy.lifecycle import open_now, schedule
from mall.groupbuy.live import chain_by_item, news_since, stamp_of
from mall.groupbuy.models import Entry, GroupBuyItem, LeaderGroup
from mall.groupbuy.progress import progress_of
from payments.api import NotInTransactionError, transact
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db


def join(group: LeaderGroup, order_no: str, *, pieces: int = 1, resident=None, **more) -> Entry:
    item = item_of(group)
    return transact()(add_entry)(
        group_id=group.pk,
        order_no=order_no,
        resident=resident or make_person(),
        lines=[("糯玉米", pieces)],
        items={item.pk: pieces},
        amount_minor=3000 * pieces,
        **more,
    )


def holds() -> None:
    assert [violation for result in check() for violation in result.violations] == []


def test_only_what_joined_since_is_sent_and_what_left_is_named():
    group = make_open_group()
    for number in range(1, 5):
        join(group, f"M{number}", remark=f"第{number}")
    transact()(withdraw_entry)(order_no="M2")

    news = news_since(group.pk, 2)

    assert [(entry.number, entry.remark) for entry in news.entries] == [(4, "第4"), (3, "第3")]
    assert (news.gone, news.last_number) == ((2,), 4)
    assert news_since(group.pk, 4).entries == ()
    assert news_since(group.pk, 10**30).last_number == 2**31 - 1
    assert news_since(group.pk, -5).last_number == 4


def test_the_stamp_changes_with_everything_the_page_shows_and_with_nothing_else(
    django_assert_num_queries,
):
    group = make_open_group()
    person = make_person()
    stamps = [stamp_of(group.pk)]

    def now_differs() -> None:
        stamp = stamp_of(group.pk)
        assert stamp not in stamps
        stamps.append(stamp)

    join(group, "M1", resident=person)
    now_differs()
    GroupBuyItem.objects.update(held=1)
    now_differs()
    GroupBuyItem.objects.update(held=0, sold=1)
    now_differs()
    set_remark(order_no="M1", resident_id=person.pk, remark="谢谢")
    now_differs()
    transact()(withdraw_entry)(order_no="M1")
    now_differs()
    with django_assert_num_queries(2):
        assert stamp_of(group.pk) == stamps[-1]


def test_the_leader_sees_the_chain_by_item(django_assert_num_queries):
    group = make_open_group(
        items=[make_item_plan(make_product("糯玉米")), make_item_plan(make_product("土鸡蛋"))]
    )
    corn, eggs = item_of(group, 1), item_of(group, 2)
    for number, items in enumerate([{corn.pk: 2}, {corn.pk: 1, eggs.pk: 4}, {eggs.pk: 3}]):
        transact()(add_entry)(
            group_id=group.pk,
            order_no=f"M{number}",
            resident=make_person(),
            lines=[("…", sum(items.values()))],
            items=items,
            amount_minor=100,
        )
    transact()(withdraw_entry)(order_no="M2")

    with django_assert_num_queries(2):
        rows = chain_by_item(group.pk)

    assert [(row.title, row.pieces, row.entries) for row in rows] == [
        ("土鸡蛋", 4, 1),
        ("糯玉米", 3, 2),
    ]


def test_an_order_that_changed_shows_what_it_holds_now():
    group = make_open_group()
    join(group, "M1", pieces=5)
    new = {"lines": [("糯玉米", 3)], "items": {item_of(group).pk: 3}, "amount_minor": 9000}

    assert transact()(change_entry)(order_no="M1", **new) is True
    assert transact()(change_entry)(order_no="M1", **new) is False
    assert transact()(change_entry)(order_no="M9", **new) is False

    group.refresh_from_db()
    entry = Entry.objects.get()
    assert (entry.summary, entry.quantity, entry.amount_minor) == ("糯玉米 ×3", 3, 9000)
    assert (group.quantity, group.amount_minor, group.order_count) == (3, 9000, 1)
    holds()


def test_an_order_that_moves_takes_the_next_number_of_the_other_group_and_may_come_back():
    sale = make_draft(points=[make_point("北门店"), make_point("南门店")])
    schedule(group_buy_id=sale.pk)
    open_now(group_buy_id=sale.pk)
    north, south = sale.groups.order_by("pk")
    join(north, "M1", pieces=2, remark="晚点来")
    join(south, "M2")

    moved = transact()(move_entry)(order_no="M1", to_group_id=south.pk)
    again = transact()(move_entry)(order_no="M1", to_group_id=south.pk)
    assert (moved.number, moved.remark, again.pk) == (2, "晚点来", moved.pk)
    back = transact()(move_entry)(
        order_no="M1", to_group_id=north.pk, lines=[("玉米", 1)], amount_minor=2000, items={}
    )

    north.refresh_from_db()
    south.refresh_from_db()
    assert (back.number, back.quantity, back.amount_minor) == (2, 1, 2000)
    assert (north.order_count, north.quantity, north.joined_count) == (1, 1, 1)
    assert (south.order_count, south.quantity, south.joined_count) == (1, 1, 1)
    assert Entry.objects.filter(order_no="M1", withdrawn_at=None).count() == 1
    holds()


def test_the_chain_moves_only_with_its_order(transactional_db):
    with pytest.raises(NotInTransactionError):
        change_entry(order_no="M1", lines=[], amount_minor=0)
    with pytest.raises(NotInTransactionError):
        move_entry(order_no="M1", to_group_id=1)


def test_her_remark_and_her_name_are_hers():
    group, person, other = make_open_group(), make_person("李小娟"), make_person()
    join(group, "M1", resident=person, is_anonymous=True)

    assert Entry.objects.get().masked_name == ""
    assert set_remark(order_no="M1", resident_id=other.pk, remark="x") is False
    assert set_named(order_no="M1", resident=other, is_named=True) is False
    assert set_remark(order_no="M1", resident_id=person.pk, remark=" 少\n辣\x00 " + "长" * 200)
    assert set_named(order_no="M1", resident=person, is_named=True) is True

    entry = Entry.objects.get()
    assert entry.remark.startswith("少 辣 长")
    assert len(entry.remark) == 100
    assert entry.masked_name.startswith("李")


def test_progress_is_what_was_paid_and_what_is_missing(django_assert_num_queries):
    group = make_open_group(
        items=[
            make_item_plan(
                make_product(), tiers=[[20, 2800], [50, 2500]], case_size=12, minimum_quantity=30
            )
        ]
    )
    LeaderGroup.objects.update(minimum_kind="people", minimum_value=3)
    GroupBuyItem.objects.update(sold=26)
    join(group, "M1", pieces=26)
    group.refresh_from_db()

    with django_assert_num_queries(1):
        progress = progress_of(group)

    (item,) = progress.items
    assert (progress.missing, progress.is_reached, progress.joined_count) == (2, False, 1)
    assert (item.sold, item.missing_to_form, item.price_now_minor) == (26, 4, 2800)
    assert (item.next_tier_pieces, item.next_tier_minor, item.missing_to_next_tier) == (
        50,
        2500,
        24,
    )
    assert item.missing_to_full_case == 10


def test_without_a_minimum_nothing_is_missing():
    assert progress_of(make_open_group()).missing == 0
