"""Searching and looking through what is on sale at her point."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from oscar.apps.catalogue.models import Product

from mall.catalogue.batches import add_batch, mark_recalled
from mall.catalogue.hot import count_search, forget_old_words, hot_words
from mall.catalogue.models import ProductExtra, SearchedWord
from mall.catalogue.services import index_product
from mall.groupbuy.lifecycle import open_now, schedule
from mall.groupbuy.models import LeaderGroup
from mall.pickup import choosing
from payments.api import business_date
from tests.factories.groups import (
    item_of,
    make_draft,
    make_item_plan,
    make_open_group,
    make_person,
    make_point,
    make_product,
)

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def goods(title: str, *, category: str = "蔬菜", price_minor: int = 3000, **extra):
    product = make_product(title, category=category)
    ProductExtra.objects.filter(product=product).update(**extra)
    index_product(Product.objects.get(pk=product.pk))
    return make_item_plan(product, price_minor=price_minor)


@pytest.fixture
def group() -> LeaderGroup:
    return make_open_group(
        items=[
            goods("糯玉米", price_minor=3000, net_grams=1000, storage_class="ambient"),
            goods("海南荔枝", category="水果", price_minor=4900, storage_class="chilled"),
            goods("白菜", price_minor=500, net_grams=100, organic_certificate="CN-1"),
        ]
    )


def visitor(group: LeaderGroup, person=None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    client.cookies[choosing.COOKIE] = choosing.cookie_value(group.pickup_point)
    return client


def titles(answer) -> list[str]:
    return [each.card.title for each in answer.context["cards"]]


def test_without_a_point_she_chooses_one_first(group):
    for url in ("/search/", "/c/", "/c/shu-cai/"):
        assert Client().get(url)["Location"] == "/points/"


def test_a_search_shows_what_is_on_sale_at_her_point(group):
    elsewhere = make_open_group(items=[goods("甜玉米")], point=make_point("别处"))
    client = visitor(group)

    assert titles(client.get("/search/?q=yumi")) == ["糯玉米"]
    assert titles(visitor(elsewhere).get("/search/?q=yumi")) == ["甜玉米"]
    assert 'id="stepper-' in client.get("/search/?q=yumi").content.decode()


def test_while_she_types_only_the_results_come(group):
    html = visitor(group).get("/search/?q=liz", **HTMX).content.decode()

    assert "海南荔枝" in html
    assert "<html" not in html
    assert SearchedWord.objects.count() == 0


def test_what_is_not_there_leads_to_what_is(group):
    group.group_buy.items.filter(position=2).update(sold=5)
    answer = visitor(group).get("/search/?q=榴莲 荔枝")

    assert "cards" not in answer.context
    assert answer.context["parts"] == ["荔枝"]
    assert [each.card.title for each in answer.context["suggested"]] == ["海南荔枝"]
    assert {each.name for each in answer.context["categories"]} == {"蔬菜", "水果"}


def test_her_history_is_hers_and_can_be_cleared(group):
    client = visitor(group)
    for word in ("荔枝", "玉米", "荔枝", "nothing"):
        client.get("/search/", {"q": word})

    assert client.get("/search/").context["history"] == ["荔枝", "玉米"]
    assert visitor(group).get("/search/").context["history"] == []

    client.post("/search/forget/")
    assert client.get("/search/").context["history"] == []

    client.cookies["searched"] = "forged"
    assert client.get("/search/").context["history"] == []


def test_hot_words_are_counted_not_invented(group):
    for person in [make_person() for _ in range(3)]:
        client = visitor(group, person)
        client.get("/search/?q=荔枝")
        client.get("/search/?q=荔枝")
        client.get("/search/?q=榴莲")
    visitor(group, make_person()).get("/search/?q=玉米")
    visitor(group).get("/search/?q=玉米")

    assert SearchedWord.objects.count() == 4
    assert hot_words() == ["荔枝"]
    cache.clear()
    assert visitor(group).get("/search/").context["hot"] == ["荔枝"]


def test_old_counts_are_forgotten(db):
    count_search("荔枝", searcher="u1")
    count_search("荔枝", searcher="")
    SearchedWord.objects.update(day=business_date() - timedelta(days=31))
    count_search("荔枝", searcher="u1")

    assert forget_old_words(10) == {"forgotten": 1}
    assert SearchedWord.objects.count() == 1


def test_a_category_is_sorted_and_filtered(group):
    client = visitor(group)
    found = {
        query: titles(client.get(f"/c/shu-cai/?{query}"))
        for query in ("", "sort=price", "sort=unit", "sort=sold", "storage=ambient", "organic=1")
    }

    assert found[""] == ["糯玉米", "白菜"]
    assert found["sort=price"] == ["白菜", "糯玉米"]
    assert found["sort=unit"] == ["糯玉米", "白菜"]
    assert found["organic=1"] == ["白菜"]
    assert client.get("/c/shu-cai/?sort=nonsense&storage=x&page=99999").status_code == 200
    assert client.get("/c/no-such/").status_code == 404
    assert [each.count for each in client.get("/c/").context["categories"]] == [2, 1]


def test_of_a_product_in_two_sales_the_one_collected_sooner_is_shown(group):
    corn = item_of(group, 1)
    later = make_draft(
        items=[make_item_plan(corn.product, price_minor=2500)],
        points=[group.pickup_point],
        pickup_on=business_date() + timedelta(days=5),
    )
    schedule(group_buy_id=later.pk)
    open_now(group_buy_id=later.pk)

    cards = visitor(group).get("/search/?q=糯玉米").context["cards"]

    assert [each.card.id for each in cards] == [corn.pk]


def test_what_a_batch_holds_back_is_not_found(group):
    corn = item_of(group, 1)
    bad = add_batch(
        product_id=corn.product_id, supplier_id=corn.stockrecord.partner_id, batch_no="A"
    )
    mark_recalled(batch_id=bad.pk, by=None, reason="农残超标")

    assert "cards" not in visitor(group).get("/search/?q=糯玉米").context
    assert titles(visitor(group).get("/c/shu-cai/")) == ["白菜"]


@pytest.mark.parametrize("url", ["/search/?q=yumi", "/c/shu-cai/", "/me/favourites/", "/me/again/"])
def test_pages_ask_a_fixed_number_of_questions(url):
    asked = []
    for many in (2, 20):
        point = make_point(f"第 {many} 点")
        group = make_open_group(items=[goods(f"玉米 {n}") for n in range(many)], point=point)
        person = make_person()
        for item in group.group_buy.items.all():
            person.favourites.create(product=item.product, at=group.group_buy.opens_at)
        client = visitor(group, person)
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1]
    assert asked[0] <= 22


@pytest.mark.parametrize("typed", ["\x00", "%00", "a" * 5000, "'; DROP TABLE", "🥬", "\u202e"])
def test_whatever_is_typed_is_answered(group, typed):
    assert visitor(group).get("/search/", {"q": typed}).status_code in {200, 400}
