"""An order that goes to another point or sale, with all that hangs on it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from groupleader.models import CommissionAccrual, Leader
from mall.catalogue.models import ProductExtra
from mall.fulfilment.dispatching import mark_dispatched
from mall.groupbuy.creating import ItemPlan
from mall.groupbuy.lifecycle import cut_off_now, open_now, schedule
from mall.groupbuy.models import Entry, GroupBuyItem, LeaderGroup
from mall.ordering.cutoff import finish
from mall.ordering.errors import (
    DearerThereError,
    LimitError,
    NoReasonError,
    NotMovableError,
    OrderGoneError,
    SoldOutError,
)
from mall.ordering.models import LineBack, OrderFulfilment, OrderMove, Status
from mall.ordering.moving import move_order, quote_move
from mall.ordering.settling import confirm_batch
from mall.pickup.errors import PointFullError
from mall.pickup.models import PointDay
from payments.api import deliver_pending
from payments.models import OutboxEvent
from tests.factories.groups import make_draft, make_person, make_point
from tests.groupleader.making import make_leader
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import back, fresh
from tests.mall.ordering.selling import close_and_form, make_sale, paid_order, pays

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def staff():
    person = make_person("小周", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="change_orderfulfilment"))
    return person


def other_sale(group: LeaderGroup, **changes: object) -> LeaderGroup:
    """Another open sale of the same goods at a point of its own; every item changed so."""
    plans = [
        ItemPlan(
            product_id=item.product_id,
            stockrecord_id=item.stockrecord_id,
            **{"price_minor": item.price_minor, "cost_minor": item.cost_minor, **changes},
        )
        for item in group.group_buy.items.order_by("pk")
    ]
    later = make_draft(items=plans, points=[make_point("远点")])
    schedule(group_buy_id=later.pk)
    open_now(group_buy_id=later.pk)
    return LeaderGroup.objects.select_related("group_buy", "pickup_point").get(group_buy=later)


def move(order: OrderFulfilment, to: LeaderGroup, *, by=None, reason: str = "") -> OrderMove:
    return move_order(
        order_no=order.order_no, to_group_id=to.pk, by=by or order.resident, reason=reason
    )


def test_a_resident_collects_elsewhere_and_both_chains_follow():
    here, there = make_sale({}, {}, points=2)
    one = paid_order(here, 2, 1)

    moved = move(one, there)

    order = fresh(one)
    assert (order.group_id, order.pickup_point_id) == (there.pk, there.pickup_point_id)
    assert (order.leader_id, order.pickup_snapshot["name"]) == (there.leader_id, "点 1")
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.quantity, here.joined_count, here.amount_minor) == (0, 0, 0)
    assert (there.quantity, there.joined_count, there.amount_minor) == (3, 1, 9000)
    assert Entry.objects.get(withdrawn_at=None).group_id == there.pk
    assert (moved.cheaper_minor, moved.refund_no) == (0, "")
    told = OutboxEvent.objects.get(fact="order.moved").payload
    assert (told["from_group_id"], told["group_id"]) == (here.pk, there.pk)
    assert move(one, there).pk == moved.pk  # the button twice


def test_the_commission_goes_to_the_leader_who_hands_it_out():
    here, there = make_sale({}, points=2)
    for group in (here, there):
        leader = make_leader(payee=False)
        Leader.objects.filter(pk=leader.pk).update(user=group.leader)
    second = Leader.objects.get(user=there.leader)
    one = paid_order(here, 2)
    deliver_pending(100)

    move(one, there)
    deliver_pending(100)

    accrual = CommissionAccrual.objects.get()
    assert (accrual.leader, accrual.terms.leader) == (second, second)
    assert (accrual.terms.group_id, accrual.amount_minor) == (str(there.pk), 600)


def test_in_another_sale_what_is_cheaper_comes_back_and_the_supplier_is_owed_his_price_there():
    (here,) = make_sale({"quota": 5}, {})
    there = other_sale(here, price_minor=2700, cost_minor=1400, quota=5)
    one = paid_order(here, 2, 1)

    quote = quote_move(order_no=one.order_no, to_group_id=there.pk, by=one.resident)
    moved = move(one, there)

    assert quote.cheaper_minor == moved.cheaper_minor == 900
    assert sum(back(one).values()) == 900
    assert pays(one) == [(2, 5400), (1, 2700)]
    assert set(LineBack.objects.values_list("why", flat=True)) == {"moved"}
    lines = list(fresh(one).lines.order_by("pk").values_list("cost_minor", "item__group_buy"))
    assert lines == [(2800, there.group_buy_id), (1400, there.group_buy_id)]
    sold = GroupBuyItem.objects.order_by("group_buy_id", "position").values_list("sold", flat=True)
    assert list(sold) == [0, 0, 2, 1]


def test_where_it_costs_more_nothing_moves_and_the_figures_are_told():
    (here,) = make_sale({}, {})
    there = other_sale(here, price_minor=3100)
    one = paid_order(here, 2, 1)

    with pytest.raises(DearerThereError) as refused:
        move(one, there)

    assert (refused.value.data["was_minor"], refused.value.data["is_minor"]) == (9000, 9300)
    assert "¥60" in str(refused.value.user_message)
    assert fresh(one).group_id == here.pk


@pytest.mark.parametrize(
    ("change", "error"),
    [({"quota": 2}, SoldOutError), ({"limit_per_resident": 2}, LimitError)],
    ids=["quota", "limit"],
)
def test_what_is_scarce_there_is_taken_or_nothing_moves(change, error):
    (here,) = make_sale({})
    there = other_sale(here, **change)
    one = paid_order(here, 3)

    with pytest.raises(error):
        move(one, there)

    assert (fresh(one).group_id, OrderMove.objects.count()) == (here.pk, 0)


def test_room_is_taken_there_and_free_here():
    here, there = make_sale({}, points=2)
    ProductExtra.objects.update(pieces_per_box=1)
    one, other = paid_order(here, 2), paid_order(here, 1)
    there.pickup_point.__class__.objects.filter(pk=there.pickup_point_id).update(boxes_a_day=2)

    move(one, there)
    with pytest.raises(PointFullError):
        move(other, there)

    used = dict(PointDay.objects.values_list("point", "used"))
    assert used == {here.pickup_point_id: 1, there.pickup_point_id: 2}


def test_a_moved_order_is_cut_with_the_sale_it_went_to():
    (here,) = make_sale({})
    there = other_sale(here, tiers=[[2, 2500]])
    one = paid_order(here, 2)
    move(one, there)
    close_and_form(there)

    finish(group_buy_id=there.group_buy_id)

    assert pays(one) == [(2, 5000)]
    assert confirm_batch(10) == 1


def test_staff_change_the_point_until_the_goods_leave_with_a_reason(staff):
    here, there = make_sale({}, points=2)
    one, other = paid_order(here, 2), paid_order(here, 1)
    close_and_form(here)
    finish(group_buy_id=here.group_buy_id)
    confirm_batch(10)

    with pytest.raises(NotMovableError):
        move(one, there)  # the resident herself no more
    with pytest.raises(NoReasonError):
        move(one, there, by=staff, reason=" ")
    move(one, there, by=staff, reason="点关门了")

    order = fresh(one)
    assert (order.group_id, order.status) == (there.pk, Status.CONFIRMED)
    assert order.moves.get().reason == "点关门了"
    mark_dispatched(group_id=here.pk)
    with pytest.raises(NotMovableError):
        move(other, there, by=staff, reason="太晚了")


def test_nobody_else_moves_it_and_not_to_where_it_cannot_go(staff):
    (here,) = make_sale({}, {})
    elsewhere = other_sale(here)
    (foreign,) = make_sale({})
    one = paid_order(here, 2, 1)

    with pytest.raises(OrderGoneError):
        move(one, elsewhere, by=make_person("路人"))
    with pytest.raises(NotMovableError, match="missing"):
        move(one, foreign)
    with pytest.raises(NotMovableError):
        move(one, here)
    cut_off_now(group_buy_id=elsewhere.group_buy_id)
    with pytest.raises(Exception, match="cut_off"):
        move(one, elsewhere, by=staff, reason="晚了")
