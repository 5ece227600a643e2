"""What a little more would save: the nearest step, when it is spoken of, and what fills the gap."""

from __future__ import annotations

import pytest
from django.test import Client
from oscar.apps.offer.models import Range

from mall.promotions.models import OfferDay
from payments.api import business_date
from tests.factories.groups import (
    item_of,
    make_item_plan,
    make_open_group,
    make_person,
    make_product,
)
from tests.mall.ordering.shopping import fill, give_card
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(acquirer):
    """Goods for 30.00, 49.00 and 80.00."""
    prices = (3000, 4900, 8000, 2500, 2600)
    plans = [make_item_plan(make_product(f"货{price}"), price_minor=price) for price in prices]
    return make_open_group(items=plans)


@pytest.fixture
def resident(acquirer):
    person = make_person("李小娟")
    give_card(person)
    return person


def goal(person, group):
    client = Client()
    client.force_login(person)
    return client.get(f"/g/{group.share_code}/basket/").context["basket"].goal


def test_what_is_missing_to_the_nearest_step_is_said(group, resident):
    make_offer()
    fill(group, resident, second=2, third=1)

    found = goal(resident, group)

    assert (found.missing_minor, found.saving_minor, found.reached) == (2200, 1600, False)
    assert (found.now_minor, found.threshold_minor) == (17800, 20000)


def test_a_gap_of_more_than_half_the_threshold_is_not_spoken_of(group, resident):
    make_offer()
    fill(group, resident, third=1)
    assert goal(resident, group) is None

    fill(group, resident, third=1, second=1)

    assert goal(resident, group).missing_minor == 7100


def test_the_next_step_is_said_though_a_lower_one_applies(group, resident):
    make_offer(benefit_kind="steps", steps=[[10000, 500], [20000, 1600], [50000, 5000]])
    fill(group, resident, second=2, third=1)

    found = goal(resident, group)

    assert (found.missing_minor, found.saving_minor, found.reached) == (2200, 1600, False)
    assert "¥5" in found.text


def test_the_last_step_is_reached(group, resident):
    make_offer()
    fill(group, resident, first=1, second=2, third=1)

    found = goal(resident, group)

    assert (found.reached, found.saving_minor) == (True, 1600)


def test_the_nearest_of_all_her_cards_counts(group, resident):
    give_card(resident, issuer_code="PSBC", issuer_name="邮储银行", kind="debit")
    make_offer(threshold_minor=30000, discount_minor=3000)
    make_offer(
        code="psbc", issuers=["PSBC"], kinds=["debit"], threshold_minor=18800, discount_minor=800
    )
    fill(group, resident, second=2, third=1)

    found = goal(resident, group)

    assert (found.missing_minor, found.saving_minor) == (1000, 800)
    assert "邮储银行" in found.who


@pytest.mark.parametrize(("used", "is_said"), [(287, True), (100, False)])
def test_a_scarce_quota_is_said(group, resident, used, is_said):
    offer = make_offer(day_limit=500)
    OfferDay.objects.create(offer=offer, day=business_date(), limit=500, used_count=used)
    fill(group, resident, second=2, third=1)

    assert ("213" in goal(resident, group).left_text) is is_said


def test_goods_of_one_to_one_and_three_tenths_of_the_gap_are_listed(group, resident):
    make_offer()
    fill(group, resident, second=2, third=1)
    client = Client()
    client.force_login(resident)

    page = client.get(f"/g/{group.share_code}/more/")

    assert page.context["fits"]
    assert [card.price_minor for card in page.context["cards"]] == [2500, 2600]


def test_where_nothing_fits_the_nearest_that_count_are_listed(group, resident):
    left_out = Range.objects.create(name="不参加", slug="left-out")
    left_out.add_product(item_of(group, 1).product)
    make_offer(threshold_minor=23500, excluded=left_out)
    fill(group, resident, second=2, third=1)
    client = Client()
    client.force_login(resident)

    page = client.get(f"/g/{group.share_code}/more/")

    assert not page.context["fits"]
    assert [card.price_minor for card in page.context["cards"]] == [8000, 4900, 2600, 2500]


def test_without_a_goal_the_whole_shelf_is_shown(group, resident):
    client = Client()
    client.force_login(resident)

    answer = client.get(f"/g/{group.share_code}/more/")

    assert answer.url == f"/g/{group.share_code}/"
