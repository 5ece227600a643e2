"""Two phones and one bag, one queue from two tabs: once, whoever is first, on both databases."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError

from groupleader.models import DeviceAct, DeviceKey, Leader
from groupleader.services.acts import take_acts
from mall.fulfilment.models import Collection
from payments.api import now, transact
from tests.factories.crowd import all_at_once
from tests.groupleader.making import make_user
from tests.groupleader.telephones import Telephone, ends
from tests.mall.fulfilment.counter import all_arrived, bought, fresh, line
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.shopping import make_worked_group

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def group(acquirer):
    found = make_worked_group()
    Leader.objects.create(user=found.leader, name="王姐", status=Leader.Status.ACTIVE)
    return found


@pytest.fixture
def order(group, acquirer):
    """Two pieces of corn at the point."""
    found = bought(group, acquirer, payable=6000, first=2)
    all_arrived(group)
    return fresh(found)


def test_two_phones_that_gave_the_same_bag_are_one_collection_and_one_conflict(group, order):
    phones = [Telephone(group.leader), Telephone(make_user("小周", is_staff=True))]
    acts = [phone.hands_over(order) for phone in phones]

    told = all_at_once([lambda n=n: ends(phones[n].tells(acts[n])) for n in range(len(phones))])

    assert sorted(told) == [["conflict:collected"], ["done"]]
    assert Collection.objects.count() == 1


def test_one_queue_sent_from_four_tabs_is_done_once_and_in_order(group, order):
    phone = Telephone(group.leader)
    corn = line(order).pk
    acts = [phone.hands_over(order, {corn: 1}), phone.hands_over(order, {corn: 1})]
    acts.append(phone.undoes(acts[1]))

    told = all_at_once([lambda: ends(phone.tells(*acts))] * 4)

    assert all(set(each) <= {"done", "already"} and len(each) == 3 for each in told), told
    assert Collection.objects.filter(undone_at=None).count() == 1
    assert list(DeviceAct.objects.order_by("seq").values_list("seq", "end")) == [
        (1, "done"),
        (2, "done"),
        (3, "done"),
    ]


def test_a_counter_that_reads_the_number_and_then_writes_takes_two_acts_for_one(group):
    """The control: without the conditional update two acts pass for the next one."""
    phone = Telephone(group.leader)
    gate = threading.Barrier(2)

    def careless(n):
        seen = DeviceKey.objects.get(pk=phone.device.pk).last_seq
        gate.wait(timeout=10)
        return take(n, seen)

    @transact()
    def take(n, seen):
        DeviceKey.objects.filter(pk=phone.device.pk).update(last_seq=seen + 1)
        return DeviceAct.objects.create(
            device=phone.device,
            user=group.leader,
            act_id=f"0000000{n}-0000-0000-0000-000000000000",
            seq=seen + 1,
            kind="undo",
            at=now(),
            received_at=now(),
            text="",
            signature="",
        )

    told = all_at_once([lambda n=n: careless(n) for n in range(2)])

    # Both passed; only the table itself keeps the second one out.
    assert sum(isinstance(each, IntegrityError) for each in told) == 1


def test_two_different_acts_with_one_number_are_one(group, order):
    phone = Telephone(group.leader)
    corn = line(order).pk
    one = phone.hands_over(order, {corn: 1})
    phone.seq = 0
    other = phone.hands_over(order, {corn: 2})

    told = all_at_once(
        [
            lambda act=act: ends(take_acts(device=phone.device, acts=[act], photos={}))
            for act in (one, other)
        ]
    )

    assert sorted(told) == [["done"], ["refused:out_of_order"]]
    assert Collection.objects.count() == 1
