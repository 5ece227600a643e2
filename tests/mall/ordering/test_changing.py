"""Fewer of something until the cut-off: money, stock, limits, chain and room follow at once."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import translation

from mall.catalogue.models import ProductExtra
from mall.groupbuy.baskets import find_basket
from mall.groupbuy.errors import ItemGoneError
from mall.groupbuy.lifecycle import cut_off_now
from mall.groupbuy.models import Entry, GroupBuy, GroupBuyItem, LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.ordering.changing import back_to_basket, change_order, quote_change
from mall.ordering.errors import (
    MinimumOrderError,
    NotChangeableError,
    OnlyFewerError,
    OrderGoneError,
)
from mall.ordering.models import ItemAllowance, LineBack, Status
from mall.pickup.models import PointDay
from payments.api import Money, refunds_of
from payments.models import OutboxEvent
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import back, fresh, paid, place_with_everything
from tests.mall.ordering.selling import lines_of, make_sale, order, paid_order, pays

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def change(an_order, *quantities: int | None):
    named = {
        line.pk: quantity
        for line, quantity in zip(lines_of(an_order), quantities, strict=False)
        if quantity is not None
    }
    return change_order(
        order_no=an_order.order_no, resident_id=an_order.resident_id, quantities=named
    )


def test_fewer_of_one_and_none_of_another_go_back_at_once():
    (group,) = make_sale({"quota": 10}, {}, {})
    one = paid_order(group, 3, 2, 1)

    done = change(one, 1, 0)

    assert (done.back, done.is_cancelled) == (Money(12000), False)
    assert pays(one) == [(1, 3000), (0, 0), (1, 3000)]
    item = item_of(group)
    item.stockrecord.refresh_from_db()
    assert (item.sold, item.stockrecord.num_allocated) == (1, 1)
    entry, group = Entry.objects.get(), LeaderGroup.objects.get()
    assert (entry.quantity, entry.amount_minor) == (2, 6000)
    assert (group.quantity, group.amount_minor) == (2, 6000)
    taken = dict(ItemAllowance.objects.values_list("item__position", "taken"))
    assert taken == {1: 1, 2: 0, 3: 1}
    told = OutboxEvent.objects.get(fact="order.changed").payload
    assert [(each["was"], each["is"]) for each in told["changes"]] == [(3, 1), (2, 0)]
    assert (told["refund_no"], told["back_minor"]) == (done.refund_no, 12000)
    assert OutboxEvent.objects.filter(fact="line.refunded").first().payload["why"] == "resident"
    assert fresh(one).changed_at is not None


def test_the_same_figures_again_change_nothing():
    (group,) = make_sale({}, {})
    one = paid_order(group, 3, 1)

    first, again = change(one, 2), change(one, 2)

    assert (first.back, again.back, again.refund_no) == (Money(3000), Money(0), "")
    assert len(refunds_of(one.payment_no)) == 1


def test_nothing_left_is_a_cancellation():
    (group,) = make_sale({}, {})
    one = paid_order(group, 3, 1)
    change(one, 2)

    done = change(one, 0, 0)

    assert (done.is_cancelled, done.back) == (True, Money(9000))
    assert fresh(one).ended_because == "resident"
    assert Entry.objects.get().withdrawn_at is not None
    assert item_of(group).sold == 0


def test_the_rest_after_a_line_is_gone_is_a_cancellation_too():
    (group,) = make_sale({}, {})
    one = paid_order(group, 3, 1)
    change(one, 0)

    done = change(one, None, 0)

    assert (done.is_cancelled, done.back) == (True, Money(3000))
    assert sum(back(one).values()) == 12000


def test_a_quote_says_what_comes_back_and_is_what_comes_back():
    one = paid(place_with_everything(resident=make_person("王阿姨"), refund_policy="forfeit"))
    fish = lines_of(one)[2]
    named = {fish.pk: 0}

    quote = quote_change(order_no=one.order_no, resident_id=one.resident_id, quantities=named)
    done = change_order(order_no=one.order_no, resident_id=one.resident_id, quantities=named)

    assert quote.back_minor == done.back.minor
    assert quote.forfeited_minor > 0
    assert quote.goods_minor == 12800
    assert quote.payable_minor == 15700 - done.back.minor
    assert sum(back(one).values()) == quote.back_minor + quote.others_minor


def test_what_cannot_be_is_refused_in_words():
    (group,) = make_sale({}, {})
    one, other = paid_order(group, 2, 1), paid_order(group, 1)

    with pytest.raises(OnlyFewerError):
        change(one, 3)
    with pytest.raises(OnlyFewerError):
        change(one, -1)
    with pytest.raises(ItemGoneError):
        change_order(
            order_no=one.order_no,
            resident_id=one.resident_id,
            quantities={lines_of(other)[0].pk: 0},
        )
    with pytest.raises(OrderGoneError):
        change_order(order_no=one.order_no, resident_id=other.resident_id, quantities={})
    assert not LineBack.objects.exists()


def test_after_the_cut_off_nothing_is_changed():
    (group,) = make_sale({}, {})
    one = paid_order(group, 2, 1)
    with (
        time_machine.travel(group.group_buy.closes_at, tick=False),
        pytest.raises(NotChangeableError),
    ):
        change(one, 1)  # the second itself, before the job came
    cut_off_now(group_buy_id=group.group_buy_id)

    with pytest.raises(NotChangeableError):
        change(one, 1)


def test_an_unpaid_order_goes_back_into_the_basket_instead():
    (group,) = make_sale({}, {})
    one = order(group, 2, 1)

    with translation.override("en"), pytest.raises(NotChangeableError) as refused:
        change(one, 1)
    assert "order anew" in str(refused.value.user_message)

    back_to_basket(order_no=one.order_no, resident_id=one.resident_id)

    assert fresh(one).status == Status.CANCELLED
    basket = find_basket(shopper=Shopper(user=one.resident), group_id=group.pk)
    assert sorted(basket.basket.lines.values_list("quantity", flat=True)) == [1, 2]


def test_what_stays_is_still_an_order_the_sale_takes():
    (group,) = make_sale({}, {})
    GroupBuy.objects.update(min_order_minor=6000)
    one = paid_order(group, 2, 1)
    change(one, 1)

    with pytest.raises(MinimumOrderError) as refused:
        change(one, 0, 1)

    assert refused.value.data["missing_minor"] == 3000
    assert change(one, 0, 0).is_cancelled


def test_her_limit_and_the_points_room_are_free_again():
    (group,) = make_sale({"limit_per_resident": 3, "limit_per_day": 3}, {})
    ProductExtra.objects.update(pieces_per_box=2)
    one = paid_order(group, 3, 1)
    day = PointDay.objects.get()
    assert (day.used, fresh(one).boxes) == (2, 2)

    change(one, 1)

    day.refresh_from_db()
    assert (day.used, fresh(one).boxes) == (1, 1)
    paid_order(group, 2, resident=one.resident)
    change(one, 0, 0)
    day.refresh_from_db()
    assert day.used == 1


def test_the_last_pieces_freed_by_an_edit_are_sold_again():
    (group,) = make_sale({"quota": 3}, {})
    one = paid_order(group, 3, 1)
    change(one, 1)

    paid_order(group, 2)

    assert GroupBuyItem.objects.get(pk=item_of(group).pk).sold == 3
