"""Scarce things under a rush, in several processes: exact to the piece; each guard is needed."""

from __future__ import annotations

import pytest
from django.db import connection

from mall.groupbuy.baskets import basket_for, save_line
from mall.groupbuy.models import LeaderGroup
from mall.groupbuy.shoppers import Shopper
from mall.ordering import invariants
from mall.ordering.models import OrderFulfilment, StockReservation
from mall.promotions.models import BankOffer, OfferReservation
from payments.models import Payment
from tests.acquirer import SandboxAcquirer
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.ordering.shopping import give_card
from tests.mall.promotions.offers import make_offer
from tests.races.crowd import drop_guards, rush, wish

pytestmark = pytest.mark.django_db(transaction=True)
IN_STOCK, BUYERS = 10, 50
USES, PAYERS = 10, 30
TABS = 8


def make_group(*, stock: int, price_minor: int = 3000) -> LeaderGroup:
    goods = make_product("荔枝", stock=stock)
    return make_open_group(items=[make_item_plan(goods, price_minor=price_minor)])


def filled(group, resident):
    basket = basket_for(shopper=Shopper(user=resident), group_id=group.pk)
    save_line(basket_id=basket.basket_id, item=item_of(group), quantity=1)
    return basket


def buyers_of_one_piece(group) -> list[dict[str, object]]:
    residents = [make_person(f"居民{n}") for n in range(BUYERS)]
    return [wish(filled(group, each), each, payable=3000) for each in residents]


def payers_with_cards(group) -> list[dict[str, object]]:
    residents = [make_person(f"居民{n}") for n in range(PAYERS)]
    return [
        wish(filled(group, each), each, payable=19200, way=give_card(each).agreement_no)
        for each in residents
    ]


def eight_tabs(group) -> list[dict[str, object]]:
    wang = make_person("王阿姨")
    basket = filled(group, wang)
    return [wish(basket, wang, payable=3000, key=f"tab-{n}") for n in range(TABS)]


def books_agree() -> bool:
    return not any(result.violations for result in invariants.check())


def test_fifty_buyers_of_ten_pieces_get_exactly_ten(acquirer: SandboxAcquirer):
    group = make_group(stock=IN_STOCK)

    outcome = rush(buyers_of_one_piece(group))

    assert outcome.broken == []
    assert len(outcome.order_numbers) == IN_STOCK
    assert outcome.refused == ["sold_out"] * (BUYERS - IN_STOCK)
    item = item_of(group)
    assert (item.held, item.stockrecord.num_allocated) == (IN_STOCK, IN_STOCK)
    assert StockReservation.objects.count() == Payment.objects.count() == IN_STOCK
    assert books_agree()


def test_without_the_stock_guard_more_than_ten_are_sold(acquirer: SandboxAcquirer):
    group = make_group(stock=IN_STOCK)
    drop_guards(trigger="ordering_stock_within_what_there_is")

    outcome = rush(buyers_of_one_piece(group), without="stock")

    assert len(outcome.order_numbers) > IN_STOCK
    assert not books_agree()


def test_a_budget_for_ten_is_given_exactly_ten_times(acquirer: SandboxAcquirer):
    group = make_group(stock=1000, price_minor=20800)
    make_offer(budget_minor=USES * 1600, resident_day_limit=1, card_day_limit=1)

    outcome = rush(payers_with_cards(group))

    assert outcome.broken == []
    assert [each["discount"] for each in outcome.placed] == [1600] * USES
    assert set(outcome.refused) <= {"offer_used_up", "price_changed"}
    assert len(outcome.refused) == PAYERS - USES
    offer = BankOffer.objects.get()
    assert (offer.reserved_count, offer.reserved_minor) == (USES, USES * 1600)
    assert OfferReservation.objects.count() == USES
    assert OrderFulfilment.objects.count() == USES
    assert books_agree()


def test_without_the_budget_guard_more_than_the_budget_is_given(acquirer: SandboxAcquirer):
    group = make_group(stock=1000, price_minor=20800)
    make_offer(budget_minor=USES * 1600)
    _ignore_budget_check()

    outcome = rush(payers_with_cards(group), without="budget")

    assert len(outcome.placed) > USES
    assert not books_agree()


def test_one_card_tied_by_many_has_its_one_use_a_day(acquirer: SandboxAcquirer):
    group = make_group(stock=1000, price_minor=20800)
    make_offer(card_day_limit=1)
    residents = [make_person(f"居民{n}") for n in range(TABS)]
    cards = [give_card(each, fingerprint="the-same-card") for each in residents]

    outcome = rush(
        [
            wish(filled(group, each), each, payable=19200, way=card.agreement_no)
            for each, card in zip(residents, cards, strict=True)
        ]
    )

    assert outcome.broken == []
    assert len(outcome.placed) == BankOffer.objects.get().reserved_count == 1
    assert books_agree()


def test_one_basket_in_eight_tabs_is_one_order(acquirer: SandboxAcquirer):
    group = make_group(stock=IN_STOCK)

    outcome = rush(eight_tabs(group))

    assert (outcome.broken, outcome.refused) == ([], [])
    assert len(outcome.placed) == TABS
    assert len(outcome.order_numbers) == 1
    assert OrderFulfilment.objects.count() == Payment.objects.count() == 1
    assert item_of(group).held == 1
    assert books_agree()


def test_without_the_basket_guard_one_basket_is_ordered_again(acquirer: SandboxAcquirer):
    group = make_group(stock=IN_STOCK)
    drop_guards(index="ordering_orderfulfilment_one_per_basket")

    outcome = rush(eight_tabs(group), without="basket")

    assert len(outcome.order_numbers) > 1
    assert not books_agree()


def _ignore_budget_check() -> None:
    """Rebuild the table without its check: the copy of the database is thrown away afterwards."""
    meta, name = BankOffer._meta, "promotions_bankoffer_within_budget"
    constraints = meta.constraints
    (check,) = (each for each in constraints if each.name == name)
    try:
        # SQLite rebuilds the table from the model; PostgreSQL drops the one that is named.
        meta.constraints = [each for each in constraints if each is not check]
        with connection.schema_editor() as editor:
            editor.remove_constraint(BankOffer, check)
    finally:
        meta.constraints = constraints
