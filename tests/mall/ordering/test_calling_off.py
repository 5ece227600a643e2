"""Orders the mall takes back, in the admin and by the service: told or not, restocked or not."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from mall.ordering.calling_off import CallOff, call_off
from mall.ordering.cutoff import finish
from mall.ordering.errors import NoReasonError, NotCancellableError
from mall.ordering.models import LineBack, Status
from mall.ordering.moving import move_order
from mall.ordering.settling import confirm_batch
from payments.api import deliver_pending
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import fresh, money_comes
from tests.mall.ordering.selling import close_and_form, make_sale, order, paid_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def staff():
    person = make_person("小周", is_staff=True)
    for name in ("change_orderfulfilment", "view_orderfulfilment"):
        person.user_permissions.add(Permission.objects.get(codename=name))
    return person


def test_a_confirmed_order_goes_back_quietly_and_its_goods_are_gone(staff):
    (group,) = make_sale({})
    one = paid_order(group, 2)
    close_and_form(group)
    finish(group_buy_id=group.group_buy_id)
    confirm_batch(10)
    how = CallOff(by=staff, reason="大棚塌了", is_told=False, restocks=False)

    first = call_off(order_no=one.order_no, how=how)
    assert call_off(order_no=one.order_no, how=how) == first

    order_ = fresh(one)
    assert (order_.ended_by, order_.end_note, order_.is_quiet) == (staff, "大棚塌了", True)
    item = item_of(group)
    item.stockrecord.refresh_from_db()
    assert (item.sold, item.stockrecord.num_in_stock, item.stockrecord.num_allocated) == (2, 98, 0)
    assert LineBack.objects.get().why == "staff"


def test_an_unpaid_one_is_closed_and_money_that_comes_after_it_goes_back(staff):
    (group,) = make_sale({})
    one = order(group, 2)
    call_off(order_no=one.order_no, how=CallOff(by=staff, reason="不卖了"))
    deliver_pending(100)
    assert fresh(one).status == Status.CANCELLED

    money_comes(one.payment_no)

    assert fresh(one).status == Status.CANCELLED
    assert item_of(group).held == 0


def test_it_needs_a_reason_and_an_order_that_has_not_left(staff):
    (group,) = make_sale({})
    one = paid_order(group, 2)
    with pytest.raises(NoReasonError):
        call_off(order_no=one.order_no, how=CallOff(by=staff, reason=" \0"))
    type(one).objects.filter(pk=one.pk).update(status=Status.IN_TRANSIT)
    with pytest.raises(NotCancellableError):
        call_off(order_no=one.order_no, how=CallOff(by=staff, reason="晚了"))
    type(one).objects.filter(pk=one.pk).update(status=Status.PAID)


def test_staff_call_several_off_in_the_admin(client, staff):
    (group,) = make_sale({})
    one, other = paid_order(group, 2), paid_order(group, 1)
    client.force_login(staff)
    page = reverse("admin:ordering_orderfulfilment_changelist")
    chosen = {"action": "call_off_orders", "_selected_action": [one.pk, other.pk]}

    asked = client.post(page, chosen)
    assert one.order_no in asked.content.decode()
    assert fresh(one).cancel_requested_at is None
    client.post(page, {**chosen, "apply": "1", "reason": "霜冻", "tell": "1", "restock": "1"})

    assert [fresh(each).end_note for each in (one, other)] == ["霜冻", "霜冻"]
    assert item_of(group).sold == 0
    assert not fresh(one).is_quiet


def test_an_orders_page_tells_what_went_back_and_where_it_moved(client, staff):
    here, there = make_sale({}, {}, points=2)
    one = paid_order(here, 2, 1)
    move_order(order_no=one.order_no, to_group_id=there.pk, by=staff, reason="点关门了")
    call_off(order_no=one.order_no, how=CallOff(by=staff, reason="不卖了"))
    client.force_login(staff)

    page = client.get(reverse("admin:ordering_orderfulfilment_change", args=[one.pk]))

    text = page.content.decode()
    assert "点关门了" in text
    assert "¥60" in text
    assert str(there) in text


def test_staff_move_an_order_in_the_admin(client, staff):
    here, there = make_sale({}, points=2)
    one = paid_order(here, 2)
    client.force_login(staff)
    page = reverse("admin:ordering_orderfulfilment_move", args=[one.pk])

    assert str(there.pickup_point) in client.get(page).content.decode()
    client.post(page, {"group": "9" * 30, "reason": "点关门了"})
    assert fresh(one).group_id == here.pk
    client.post(page, {"group": str(there.pk), "reason": "点关门了"})

    assert fresh(one).group_id == there.pk
