"""A basket's price by its wish: the best combination for each way, in a fixed number of queries."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mall.ordering.payer import payer_ref
from mall.ordering.pricing import NO_VOUCHER, Pricing, Wish, paid_in_the_end, price
from mall.promotions.rules import LineFacts
from payments.api import agreements_of
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.shopping import give_card
from tests.mall.promotions.offers import make_offer
from tests.mall.vouchers.batches import make_batch, make_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(acquirer):
    make_programme()
    return make_person("王阿姨")


def priced(resident, *values: int, **wish) -> Pricing:
    lines = [LineFacts(product_id=n, value_minor=value) for n, value in enumerate(values, 1)]
    return price(
        lines=lines,
        wish=Wish(**wish),
        resident_id=resident.pk,
        cards=agreements_of(payer_ref(resident.pk)),
    )


def test_parts_and_payable_add_up(wang):
    make_voucher(wang)
    give_points(wang, 500)
    make_offer(threshold_minor=17000)
    card = give_card(wang)

    found = priced(wang, 3000, 9800, 8000, way=card.agreement_no, points=500)

    assert (found.voucher_minor, found.points_minor, found.offer_minor) == (3000, 500, 1600)
    assert (found.discount_minor, found.payable.minor, found.asked.minor) == (5100, 15700, 15700)
    assert found.points_used == 500


def test_where_the_bank_decides_the_whole_is_asked_and_less_is_paid(wang):
    make_offer(decided_by="bank")
    card = give_card(wang)

    found = priced(wang, 20800, way=card.agreement_no)

    assert (found.asked.minor, found.payable.minor, found.offer_minor) == (20800, 19200, 1600)


def test_one_fen_is_left_to_pay_whatever_she_holds(wang):
    make_voucher(wang, make_batch(discount_minor=99_999, threshold_minor=0))
    give_points(wang, 99_999)
    make_offer(threshold_minor=2, discount_minor=1)
    give_card(wang)

    for goods in (1, 2, 3, 500):
        assert priced(wang, goods, points=99_999).payable.minor >= 1


def test_a_named_voucher_that_is_gone_becomes_none_and_no_other(wang):
    make_voucher(wang)

    assert priced(wang, 20800, way="cashier", voucher_no="gone").voucher is None
    assert priced(wang, 20800, way="cashier", voucher_no=NO_VOUCHER).voucher is None
    assert priced(wang, 20800, way="cashier").voucher is not None


@pytest.mark.parametrize("seed", range(6))
def test_every_way_gets_the_combination_she_pays_least_for(wang, seed):
    """Against the slow way: each voucher named, one after the other."""
    dice = Random(seed)
    for _ in range(dice.randint(0, 4)):
        worth, threshold = dice.choice((100, 900, 3000)), dice.choice((0, 10000, 20000))
        make_voucher(wang, make_batch(discount_minor=worth, threshold_minor=threshold))
    make_offer(threshold_minor=dice.choice((10000, 20000)))
    if dice.random() < 0.5:
        make_offer(
            code="steps",
            benefit_kind="steps",
            steps=[[5000, 300], [18000, 2500]],
            decided_by=dice.choice(("shop", "bank")),
        )
    give_card(wang)
    give_card(wang, issuer_code="PSBC", issuer_name="邮储银行")
    values = [dice.choice((4999, 9999, 10001)) for _ in range(dice.randint(1, 3))]

    found = priced(wang, *values)

    named = [NO_VOUCHER, *(each.voucher_no for each in found.vouchers)]
    for way in found.quote.ways:
        tried = [priced(wang, *values, way=way.key, voucher_no=number) for number in named]
        assert paid_in_the_end(way) == min(each.payable for each in tried)
        voucher = found.voucher_of(way.key)
        number = voucher.voucher_no if voucher else NO_VOUCHER
        same = priced(wang, *values, way=way.key, voucher_no=number)
        assert same.payable == paid_in_the_end(way)
    assert found.payable == min(
        paid_in_the_end(way) for way in found.quote.ways if way.agreement is not None
    )


def test_the_number_of_queries_is_fixed(wang):
    make_offer()
    counts = []
    for more in (1, 9):
        for number in range(more):
            make_voucher(wang, make_batch(discount_minor=1000 + more * 10 + number))
            give_card(wang)
            make_offer(code=f"offer-{more}-{number}", discount_minor=500 + number)
        priced(wang, 20800)  # the books of offers and goods are read once, then known
        cards = agreements_of(payer_ref(wang.pk))
        lines = [LineFacts(product_id=n, value_minor=9999) for n in range(more * 3)]
        with CaptureQueriesContext(connection) as asked:
            price(lines=lines, wish=Wish(points=5), resident_id=wang.pk, cards=cards)
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[0] <= 8
