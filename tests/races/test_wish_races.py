"""One voucher, one purse of points, one use of an offer, six tabs at once: one order has them."""

from __future__ import annotations

import pytest

from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.shoppers import Shopper
from mall.loyalty import invariants as loyalty
from mall.loyalty.models import PointsAccount, PointsUse
from mall.ordering import invariants
from mall.promotions.models import BankOffer
from mall.vouchers import invariants as vouchers
from mall.vouchers.models import Voucher, VoucherUse
from tests.acquirer import SandboxAcquirer
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.shopping import give_card
from tests.mall.promotions.offers import make_offer
from tests.mall.vouchers.batches import make_voucher
from tests.races.crowd import drop_guards, rush, wish

pytestmark = pytest.mark.django_db(transaction=True)
TABS, POINTS = 6, 500


def six_baskets(resident) -> list:
    """Goods for 208.00 in each of six group buys."""
    baskets = []
    for number in range(TABS):
        goods = make_product(f"荔枝 {number}", stock=100)
        group = make_open_group(items=[make_item_plan(goods, price_minor=20800)])
        basket = basket_for(shopper=Shopper(user=resident), group_id=group.pk)
        save_line(basket_id=basket.basket_id, item=item_of(group), quantity=1)
        baskets.append(basket)
    return baskets


def in_six_tabs(resident, **each) -> list[dict[str, object]]:
    return [wish(basket, resident, **each) for basket in six_baskets(resident)]


def books_agree() -> bool:
    rooms = (invariants, vouchers, loyalty)
    return not any(result.violations for room in rooms for result in room.check())


@pytest.fixture
def wang(acquirer: SandboxAcquirer):
    make_programme()
    return make_person("王阿姨")


def test_everything_she_has_is_had_once(wang):
    give_points(wang, POINTS)
    voucher = make_voucher(wang)
    make_offer(threshold_minor=17000, resident_day_limit=1)
    way = give_card(wang).agreement_no

    outcome = rush(
        in_six_tabs(wang, payable=15700, way=way, voucher_no=voucher.voucher_no, points=POINTS)
    )

    assert outcome.broken == []
    assert [each["discount"] for each in outcome.placed] == [3000 + POINTS + 1600]
    expected = {"price_changed", "voucher_gone", "not_enough_points", "offer_used_up"}
    assert set(outcome.refused) <= expected
    assert Voucher.objects.get().state == "locked"
    assert VoucherUse.objects.count() == PointsUse.objects.count() == 1
    assert PointsAccount.objects.get().balance == 0
    assert BankOffer.objects.get().reserved_count == 1
    assert books_agree()


def test_without_the_voucher_guard_one_voucher_is_on_several_orders(wang):
    voucher = make_voucher(wang)
    drop_guards(index="vouchers_voucheruse_one_live_per_voucher")

    outcome = rush(
        in_six_tabs(wang, payable=17800, voucher_no=voucher.voucher_no), without="voucher"
    )

    assert outcome.broken == []
    assert len(outcome.placed) > 1
    assert not books_agree()


def test_without_the_points_guard_points_are_spent_again(wang):
    give_points(wang, POINTS)

    outcome = rush(in_six_tabs(wang, payable=20800 - POINTS, points=POINTS), without="points")

    assert outcome.broken == []
    assert len(outcome.placed) > 1
    assert not books_agree()
