"""What a sale, a point and the mall's own hours ask of an order, before anything is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from mall.catalogue.models import ProductExtra
from mall.groupbuy.models import GroupBuy
from mall.ordering.ending import cancel_order
from mall.ordering.errors import LimitError, MinimumOrderError, SalesPausedError
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.ordering.paying import pay_order
from mall.pickup.errors import PointFullError
from mall.pickup.models import PickupPoint, PointDay
from payments.api import SHANGHAI, LinliError, now
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.selling import make_sale, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


@pytest.fixture
def wang():
    return make_person("王阿姨")


def refused(error: type[LinliError], *how: object, **more: object) -> LinliError:
    with pytest.raises(error) as refusal:
        order(*how, **more)
    return refusal.value


def over(*how: object, **more: object) -> list[tuple[str, int]]:
    """Order too many; say which limits it was and how many are left of them."""
    rows = refused(LimitError, *how, **more).data["items"]
    return [(row["scope"], row["left"]) for row in rows]


def test_per_order_per_day_and_in_all_are_three_limits(wang):
    (group,) = make_sale({"limit_per_order": 2, "limit_per_day": 3, "limit_per_resident": 4})
    GroupBuy.objects.update(closes_at=now() + timedelta(days=3))
    group.refresh_from_db()

    assert over(group, 3, resident=wang) == [("order", 2)]
    order(group, 2, resident=wang)
    assert over(group, 2, resident=wang) == [("day", 1)]
    last = order(group, 1, resident=wang)
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        assert over(group, 2, resident=wang) == [("resident", 1)]
    cancel_order(order_no=last.order_no, resident_id=wang.pk)

    order(group, 1, resident=wang)  # a cancelled one counts neither today nor in all
    assert OrderFulfilment.objects.exclude(status="cancelled").count() == 2


def test_none_is_no_limit(wang):
    (group,) = make_sale({})

    assert order(group, 40, resident=wang).goods_minor == 120000


def test_below_the_least_amount_it_says_what_is_missing(wang):
    (group,) = make_sale({})
    GroupBuy.objects.update(min_order_minor=5000)

    refusal = refused(MinimumOrderError, group, 1, resident=wang)

    assert refusal.data == {"minimum_minor": 5000, "missing_minor": 2000}
    assert "¥20" in str(refusal.user_message)
    assert order(group, 2, resident=wang).goods_minor == 6000


def test_in_the_hours_without_orders_none_is_placed_and_no_payment_opened(wang, settings):
    (group,) = make_sale({})
    hour = now().astimezone(SHANGHAI).hour
    settings.LINLI_SALES_PAUSE = f"{hour:02}:00-{(hour + 1) % 24:02}:00"

    assert refused(SalesPausedError, group, 1, resident=wang).data["until"][3:] == "00"
    settings.LINLI_SALES_PAUSE_TEXT = "夜里盘点"
    assert refused(SalesPausedError, group, 1, resident=wang).user_message == "夜里盘点"
    settings.LINLI_SALES_PAUSE = f"{(hour + 1) % 24:02}:00-{(hour + 2) % 24:02}:00"
    one = order(group, 1, resident=wang)
    assert pay_order(order_no=one.order_no, resident_id=wang.pk).kind == "redirect"


def test_a_full_point_takes_no_order_and_a_cancelled_one_makes_room(wang):
    (group,) = make_sale({})
    ProductExtra.objects.update(pieces_per_box=2)
    PickupPoint.objects.filter(pk=group.pickup_point_id).update(boxes_a_day=2)
    first = order(group, 3)

    refused(PointFullError, group, 1, resident=wang)
    assert PointDay.objects.get().used == first.boxes == 2
    cancel_order(order_no=first.order_no, resident_id=first.resident_id)

    assert order(group, 1, resident=wang).boxes == 1


def test_what_she_would_take_on_top_is_asked_paid_and_held(wang):
    (group,) = make_sale({"case_size": 6, "allows_tolerance": True}, {})

    one = order(group, 4, 1, resident=wang, more={1: 2, 2: 2})

    lines = LineFulfilment.objects.filter(order=one).order_by("pk")
    assert list(lines.values_list("quantity", "tolerance")) == [(6, 2), (1, 0)]
    assert (one.goods_minor, item_of(group).held) == (21000, 6)


def test_two_carts_of_one_resident_share_her_day(wang):
    (group,) = make_sale({"limit_per_day": 2}, {"limit_per_day": 1})
    order(group, 1, 1, resident=wang)

    assert over(group, 1, 1, resident=wang) == [("day", 0)]
    assert item_of(group).held == 1
