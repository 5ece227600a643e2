"""A struck-through price is never above what was really paid, whatever the history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mall.catalogue.deals import days_of, record_paid, record_refunded, strike_of, strikes_of
from mall.catalogue.models import Deal, DealDay
from tests.factories.groups import make_product

DAY = date(2026, 11, 20)


def paid(product, *, on=DAY, unit=3000, pieces=1, line=1, order="G1"):
    return {
        "order_no": order,
        "paid_at": f"{on}T04:00:00+00:00",
        "at": f"{on}T04:00:00+00:00",
        "lines": [
            {
                "line_id": line,
                "product_id": product.pk,
                "quantity": pieces,
                "value_minor": unit * pieces,
            }
        ],
    }


@pytest.fixture
def corn(db):
    return make_product("糯玉米")


def test_the_lowest_price_of_the_seven_days_before_may_be_struck_through(corn):
    for line, (ago, unit) in enumerate([(8, 1000), (7, 3200), (3, 3000), (1, 3500), (0, 2000)]):
        record_paid(paid(corn, on=DAY - timedelta(days=ago), unit=unit, line=line))

    assert strike_of(corn.pk, DAY) == 3000


def test_without_a_deal_in_seven_days_the_last_one_counts(corn):
    record_paid(paid(corn, on=DAY - timedelta(days=30), unit=2600, line=1))
    record_paid(paid(corn, on=DAY - timedelta(days=20), unit=2800, line=2))

    assert strike_of(corn.pk, DAY) == 2800
    assert strike_of(corn.pk, DAY - timedelta(days=30)) is None


def test_the_same_order_told_twice_is_one_deal(corn):
    record_paid(paid(corn, pieces=3))
    record_paid(paid(corn, pieces=3))

    day = DealDay.objects.get()
    assert (day.pieces, day.lowest_minor, day.highest_minor) == (3, 3000, 3000)
    assert Deal.objects.count() == 1


def test_what_went_back_was_no_deal(corn):
    record_paid(paid(corn, unit=900, pieces=1, line=1))
    record_paid(paid(corn, unit=3000, pieces=2, line=2))

    record_refunded({"line_id": 1, "quantity": 1, "value_minor": 900, "why": "cancelled"})

    assert strike_of(corn.pk, DAY + timedelta(days=1)) == 3000
    assert [day.pieces for day in days_of(corn.pk, since=DAY)] == [2]

    record_refunded({"line_id": 2, "quantity": 2, "value_minor": 6000, "why": "cancelled"})
    assert strike_of(corn.pk, DAY + timedelta(days=1)) is None


def test_a_lower_tier_reached_is_the_price_that_was_paid(corn):
    record_paid(paid(corn, unit=3000, pieces=2, line=1))

    record_refunded({"line_id": 1, "quantity": 0, "value_minor": 1000, "why": "tier"})
    record_refunded({"line_id": 1, "quantity": 0, "value_minor": 300, "why": "quality"})
    record_refunded({"line_id": 99, "quantity": 1, "value_minor": 1, "why": "tier"})

    assert strike_of(corn.pk, DAY + timedelta(days=1)) == 2500


def test_many_products_are_asked_about_in_two_queries(corn, django_assert_num_queries):
    others = [make_product(f"玉米 {n}") for n in range(5)]
    record_paid(paid(corn, on=DAY - timedelta(days=2)))
    record_paid(paid(others[0], on=DAY - timedelta(days=60), line=2, unit=1200))

    with django_assert_num_queries(2):
        found = strikes_of([corn.pk, *(each.pk for each in others)], DAY)

    assert found == {corn.pk: 3000, others[0].pk: 1200}


_DEALS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9999), st.integers(1, 5), st.booleans()),
    max_size=12,
)


class AnyHistory(TestCase):
    """The rule of the trade, told a second time in plain Python."""

    @hypothesis_settings(max_examples=25, deadline=None)
    @given(deals=_DEALS)
    def test_the_rule_holds_over_any_history(self, deals):
        product = make_product("荔枝")
        for line, (ago, unit, pieces, is_returned) in enumerate(deals, start=1):
            on = DAY - timedelta(days=ago)
            record_paid(paid(product, on=on, unit=unit, pieces=pieces, line=line))
            if is_returned:
                record_refunded(
                    {"line_id": line, "quantity": pieces, "value_minor": 0, "why": "cancelled"}
                )
        kept = [(ago, unit) for ago, unit, _pieces, is_returned in deals if not is_returned]
        week = [unit for ago, unit in kept if 1 <= ago <= 7]
        last = min((ago for ago, _unit in kept if ago > 0), default=None)
        older = [unit for ago, unit in kept if ago == last]

        assert strike_of(product.pk, DAY) == min(week or older, default=None)
