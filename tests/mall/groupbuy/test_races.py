"""However many join, fill, open or close at once: no gap, no second basket, no second fact."""

from __future__ import annotations

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F

from mall.groupbuy.adoption import adopt_baskets
from mall.groupbuy.baskets import basket_for, set_quantity, submit_basket
from mall.groupbuy.entries import add_entry, withdraw_entry
from mall.groupbuy.jobs import close_due
from mall.groupbuy.models import Entry, GroupBasket, GroupBuyItem, LeaderGroup
from mall.groupbuy.shoppers import Shopper, new_token
from mall.groupbuy.summaries import summary
from payments.api import transact
from payments.models import OutboxEvent
from tests.factories.crowd import all_at_once
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)

pytestmark = pytest.mark.django_db(transaction=True)


@transact()
def join(group: LeaderGroup, order_no: str, resident) -> Entry:
    return add_entry(
        group_id=group.pk,
        order_no=order_no,
        resident=resident,
        lines=[("糯玉米", 1)],
        amount_minor=3000,
    )


def test_twenty_who_join_at_once_are_numbered_one_to_twenty():
    group, resident = make_open_group(), make_person()

    all_at_once([lambda n=n: join(group, f"M{n}", resident) for n in range(20)])

    group.refresh_from_db()
    assert sorted(Entry.objects.values_list("number", flat=True)) == list(range(1, 21))
    assert (group.last_number, group.order_count, group.joined_count) == (20, 20, 1)
    assert group.amount_minor == 60000


def test_one_order_told_eight_times_joins_once_and_leaves_once():
    group, resident = make_open_group(), make_person()

    all_at_once([lambda: join(group, "M1", resident) for _ in range(8)])
    group.refresh_from_db()
    assert (Entry.objects.count(), group.order_count, group.last_number) == (1, 1, 1)

    left = all_at_once([lambda: transact()(withdraw_entry)(order_no="M1") for _ in range(8)])
    group.refresh_from_db()
    assert sorted(left) == [False] * 7 + [True]
    assert (group.order_count, group.joined_count, group.amount_minor) == (0, 0, 0)


def test_one_shopper_in_eight_tabs_has_one_basket():
    group, shopper = make_open_group(), Shopper(token=new_token())

    baskets = all_at_once(
        [lambda: basket_for(shopper=shopper, group_id=group.pk) for _ in range(8)]
    )

    assert len({basket.pk for basket in baskets}) == 1
    assert GroupBasket.objects.count() == 1


def test_a_basket_is_submitted_once_and_then_takes_nothing():
    group = make_open_group()
    basket = basket_for(shopper=Shopper(token=new_token()), group_id=group.pk)
    item = item_of(group)

    ends = all_at_once([lambda: transact()(submit_basket)(group_basket=basket) for _ in range(8)])

    assert ends.count(None) == 1
    after = all_at_once(
        [lambda: set_quantity(group_basket=basket, item_id=item.pk, quantity=1) for _ in range(2)]
    )
    assert [end.code for end in after] == ["basket_gone"] * 2
    assert summary(basket).lines == ()


def test_signing_in_twice_at_once_adds_up_once():
    group, resident, token = make_open_group(), make_person(), new_token()
    item = item_of(group)
    for shopper, quantity in ((Shopper(token=token), 2), (Shopper(user=resident), 3)):
        basket = basket_for(shopper=shopper, group_id=group.pk)
        set_quantity(group_basket=basket, item_id=item.pk, quantity=quantity)

    ends = all_at_once([lambda: adopt_baskets(token=token, user=resident) for _ in range(6)])

    own = GroupBasket.objects.get(user=resident, is_live=True)
    assert ends == [[]] * 6
    assert summary(own).quantity == 5


def test_four_copies_of_the_job_close_once():
    group = make_open_group()
    with time_machine.travel(group.group_buy.closes_at, tick=False):
        counts = all_at_once([lambda: close_due(10) for _ in range(4)])

    assert sum(count["closed"] for count in counts) == 1
    assert OutboxEvent.objects.filter(fact="groupbuy.closed").count() == 1


def take(item: GroupBuyItem) -> None:
    """As the stock keeper would if it forgot its guard: the CHECK behind it must hold."""
    with transaction.atomic():
        GroupBuyItem.objects.filter(pk=item.pk).update(held=F("held") + 1)


def test_the_database_itself_never_lets_more_than_the_quota_go():
    group = make_open_group(items=[make_item_plan(make_product(), quota=10)])
    item = item_of(group)

    ends = all_at_once([lambda: take(item) for _ in range(20)])

    item.refresh_from_db()
    assert item.held == 10
    assert sum(isinstance(end, IntegrityError) for end in ends) == 10


@pytest.mark.parametrize(
    "change", [{"held": -1}, {"sold": -1}, {"quota": 4, "held": 3, "sold": 2}, {"price_minor": 0}]
)
def test_what_cannot_be_is_refused_by_the_database(change):
    item = item_of(make_open_group())
    with pytest.raises(IntegrityError):
        GroupBuyItem.objects.filter(pk=item.pk).update(**change)
