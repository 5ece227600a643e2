"""Orders from before discounts had rows of their own get them, as their payments say."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from mall.ordering.models import LineDiscount, LineFulfilment, OrderDiscount
from tests.factories.groups import make_person
from tests.mall.ordering.books import books_agree  # noqa: F401 - a fixture
from tests.mall.ordering.discounted import OFFER_FUNDING, discounts, funders, paid, tenders
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
