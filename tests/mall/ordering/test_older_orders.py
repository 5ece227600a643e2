"""Orders from before discounts had rows of their own get them, as their payments say."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F

from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup
from mall.groupbuy.sale_rules import check_terms
from mall.ordering.models import LineBack, LineDiscount, LineFulfilment, OrderDiscount
from payments.api import now
from tests.factories.groups import make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import (
    OFFER_FUNDING,
    discounts,
    funders,
    give_back,
    paid,
    place_with_everything,
    sent,
    tenders,
)
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.mark.parametrize("is_paid", [False, True])
def test_an_older_order_gets_its_rows(acquirer, is_paid):
    wang = make_person("王阿姨")
    make_offer(funding=OFFER_FUNDING)
    basket = fill_worked(make_worked_group(), wang)
    order = place(basket, wang, way=give_card(wang).agreement_no, payable=19200)
    if is_paid:
        order = paid(order)
    before = (discounts(order), funders(order))
    own = list(LineFulfilment.objects.values_list("own_share_minor", flat=True))
    LineDiscount.objects.all().delete()
    OrderDiscount.objects.all().delete()

    import_module("mall.ordering.migrations.0003_discounts").fill(apps, None)

    assert (discounts(order), funders(order)) == before
    assert tenders(order) == funders(order)
    assert list(LineFulfilment.objects.values_list("own_share_minor", flat=True)) == own


def test_what_went_back_earlier_gets_its_rows(acquirer):
    wang = make_person("王阿姨")
    order = sent(place_with_everything(resident=wang))
    give_back(order, second=1)
    kept = _backs()
    LineBack.objects.all().delete()
    LineFulfilment.objects.update(returned_cost_minor=0)

    import_module("mall.ordering.migrations.0004_backs").fill(apps, None)

    assert _backs() == kept
    assert LineFulfilment.objects.filter(returned_cost_minor=3920).count() == 1


def _backs() -> list[tuple[object, ...]]:
    return list(LineBack.objects.values_list("line", "refund_no", "why", "quantity", "value_minor"))


def test_older_sales_get_results_and_their_rule_holds(acquirer):
    wang = make_person("王阿姨")
    sent(place(fill_worked(make_worked_group(), wang), wang))
    empty = make_worked_group()
    GroupBuy.objects.update(state="formed", formed_at=now(), cut_at=None)
    LeaderGroup.objects.update(state="formed")
    LineFulfilment.objects.filter(quantity=2).update(refunded_quantity=1)

    import_module("mall.ordering.migrations.0005_changes").cut(apps, None)

    results = GroupBuyItem.objects.order_by("pk").values_list("final_quantity", flat=True)
    assert list(results) == [1, 1, 1, 0, 0, 0]
    assert not GroupBuy.objects.filter(cut_at=None).exists()
    assert not GroupBuyItem.objects.exclude(final_price_minor=F("price_minor")).exists()
    (rule,) = [result for result in check_terms() if result.name.startswith("G5")]
    assert (rule.rows, rule.violations) == (6, ())
    assert empty.group_buy.items.count() == 3
    LineFulfilment.objects.update(refunded_quantity=0)
