"""The chain numbers paid orders without gaps and counts the group's progress once."""

from __future__ import annotations

import pytest
from django.db import transaction

from mall.accounts.models import Profile
from mall.groupbuy.entries import add_entry, withdraw_entry
from mall.groupbuy.models import Entry, LeaderGroup
from mall.groupbuy.selectors import entries_page
from payments.api import NotInTransactionError
from tests.factories.groups import make_open_group, make_person


def join(group: LeaderGroup, order_no: str, resident=None, minor: int = 20800) -> Entry:
    return add_entry(
        group_id=group.pk,
        order_no=order_no,
        resident=resident or make_person(),
        lines=[("糯玉米", 2), ("土鸡蛋", 1)],
        amount_minor=minor,
    )


@pytest.mark.django_db
def test_entries_are_numbered_in_the_order_they_were_paid():
    group = make_open_group()

    numbers = [join(group, f"M{n}").number for n in range(3)]

    group.refresh_from_db()
    assert numbers == [1, 2, 3]
    assert (group.joined_count, group.order_count) == (3, 3)
    assert (group.quantity, group.amount_minor) == (9, 62400)


@pytest.mark.django_db
def test_the_same_order_joins_once():
    group, resident = make_open_group(), make_person()

    first, again = join(group, "M1", resident), join(group, "M1", resident)

    group.refresh_from_db()
    assert first.pk == again.pk
    assert (group.last_number, group.order_count, group.amount_minor) == (1, 1, 20800)


@pytest.mark.django_db
def test_a_resident_with_two_orders_is_one_resident():
    group, resident = make_open_group(), make_person()
    join(group, "M1", resident)
    join(group, "M2", resident)

    withdraw_entry(order_no="M1")

    group.refresh_from_db()
    assert (group.joined_count, group.order_count, group.amount_minor) == (1, 1, 20800)


@pytest.mark.django_db
def test_a_refunded_order_leaves_the_chain_once_and_numbers_stay():
    group = make_open_group()
    for order_no in ("M1", "M2", "M3"):
        join(group, order_no)

    assert withdraw_entry(order_no="M2") is True
    assert withdraw_entry(order_no="M2") is False
    assert withdraw_entry(order_no="M9") is False

    rows, older_than = entries_page(group.pk)
    group.refresh_from_db()
    assert [row.number for row in rows] == [3, 1]
    assert older_than is None
    assert (group.joined_count, group.order_count, group.quantity) == (2, 2, 6)
    assert join(group, "M4").number == 4


@pytest.mark.django_db
def test_names_are_masked_and_whoever_wants_is_a_neighbour():
    group, shy = make_open_group(), make_person("陈阿姨")
    Profile.objects.create(user=shy, in_chain=False)
    join(group, "M1", make_person("李小娟"))
    join(group, "M2", shy)

    (second, first), _older = entries_page(group.pk)

    assert first.masked_name == "李*娟"
    assert first.summary == "糯玉米 ×2、土鸡蛋 ×1"
    assert "陈" not in str(second.masked_name)


@pytest.mark.django_db
def test_the_chain_is_read_twenty_at_a_time():
    group, resident = make_open_group(), make_person()
    for n in range(45):
        join(group, f"M{n}", resident)

    first, older = entries_page(group.pk)
    second, oldest = entries_page(group.pk, before=older)
    third, none = entries_page(group.pk, before=oldest)

    assert [len(page) for page in (first, second, third)] == [20, 20, 5]
    assert (first[0].number, third[-1].number, none) == (45, 1, None)


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_to_the_transaction_that_pays():
    group = make_open_group()
    with pytest.raises(NotInTransactionError):
        join(group, "M1")

    with transaction.atomic():
        assert join(group, "M2").number == 1
