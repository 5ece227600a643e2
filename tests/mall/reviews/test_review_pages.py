"""The pages of reviews, favourites and one product, as residents and strangers see them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from oscar.apps.catalogue.models import Product

from mall.catalogue.batches import add_batch
from mall.catalogue.models import Favourite, ProductExtra
from mall.groupbuy.models import GroupBasket, LeaderGroup
from mall.pickup import choosing
from mall.reviews.desk import hide
from mall.reviews.models import Review
from tests.factories.groups import item_of, make_person
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.papers.test_uploads import drawn
from tests.mall.reviews.collected import collect

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def group(acquirer) -> LeaderGroup:
    return make_worked_group()


def signed_in(person, group: LeaderGroup) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies[choosing.COOKIE] = choosing.cookie_value(group.pickup_point)
    return client


def product_url(group: LeaderGroup, position: int = 1) -> str:
    return f"/g/{group.share_code}/items/{item_of(group, position).pk}/"


def test_she_reviews_what_she_collected_and_neighbours_read_it(group):
    person = make_person("王小花")
    (line,) = collect(group, person)
    client = signed_in(person, group)
    page = f"/me/reviews/{line.pk}/"

    assert line.title in client.get("/me/reviews/").content.decode()
    assert client.get(page).status_code == 200
    sent = {"stars": "4", "text": "玉米很甜", "photos": SimpleUploadedFile("a.png", drawn("PNG"))}
    assert client.post(page, sent)["Location"] == "/me/reviews/"
    assert client.get(page).status_code == 302

    html = Client().get(product_url(group)).content.decode()
    assert "玉米很甜" in html
    assert "4.0" in html
    assert "王小花" not in html
    assert "玉米很甜" in Client().get(f"/products/{line.product_id}/reviews/").content.decode()


def test_what_is_refused_is_said_beside_what_she_wrote(group):
    person = make_person()
    (line,) = collect(group, person)
    client = signed_in(person, group)

    for sent in (
        {},
        {"stars": "9" * 400},
        {"stars": "-1", "text": "x"},
        {"stars": "3", "text": "好" * 501},
        {"stars": "3", "photos": SimpleUploadedFile("a.jpg", b"<html>")},
    ):
        answer = client.post(f"/me/reviews/{line.pk}/", sent)
        assert answer.status_code == 400
        assert 'class="toast' in answer.content.decode()
    assert Review.objects.count() == 0


def test_another_persons_line_is_not_there(group):
    (line,) = collect(group)
    other = signed_in(make_person(), group)

    assert other.get(f"/me/reviews/{line.pk}/").status_code == 404
    assert other.post(f"/me/reviews/{line.pk}/", {"stars": "5"}).status_code == 404
    for url in ("/me/reviews/", "/me/favourites/", "/me/again/", f"/me/reviews/{line.pk}/"):
        assert Client().get(url)["Location"].startswith("/sign-in/")
    assert Client().get("/products/999999/reviews/").status_code == 404


def test_she_is_told_why_her_review_is_hidden_and_others_do_not_see_it(group):
    person = make_person()
    (line,) = collect(group, person)
    client = signed_in(person, group)
    client.post(f"/me/reviews/{line.pk}/", {"stars": "1", "text": "难吃"})
    hide(review_id=Review.objects.get().pk, by=make_person(), reason="写错商品")

    assert "写错商品" in client.get("/me/reviews/").content.decode()
    assert "难吃" not in Client().get(f"/products/{line.product_id}/reviews/").content.decode()


def test_a_product_shows_where_it_comes_from(group):
    item = item_of(group, 1)
    ProductExtra.objects.filter(product=item.product_id).update(
        producer="青禾农场", keeping="冷藏", allergens="无", is_weighed=True
    )
    other = item_of(group, 2)
    ProductExtra.objects.filter(product=other.product_id).update(producer="青禾农场")
    add_batch(
        product_id=item.product_id,
        supplier_id=item.stockrecord.partner_id,
        batch_no="B-77",
        details={"report_no": "检-0099"},
    )

    html = Client().get(product_url(group)).content.decode()

    for told in ("青禾农场", "B-77", "检-0099", "冷藏", other.product.title):
        assert told in html


def test_the_page_of_a_product_asks_a_fixed_number_of_questions(
    group, django_assert_max_num_queries
):
    url = product_url(group)
    for _n in range(3):
        (line,) = collect(group)
        signed_in(line.order.resident, group).post(f"/me/reviews/{line.pk}/", {"stars": "5"})
    Client().get(url)

    with django_assert_max_num_queries(12):
        assert Client().get(url).status_code == 200


def test_a_heart_is_put_on_and_taken_off(group):
    person, product = make_person(), item_of(group, 1).product
    client = signed_in(person, group)
    url = f"/products/{product.pk}/like/"

    for _twice in "12":
        assert 'aria-pressed="true"' in client.post(url, {"on": "1"}, **HTMX).content.decode()
    assert Favourite.objects.count() == 1
    assert [c.card.title for c in client.get("/me/favourites/").context["cards"]] == [product.title]

    for _twice in "12":
        assert 'aria-pressed="false"' in client.post(url, {"on": "0"}, **HTMX).content.decode()
    assert Favourite.objects.count() == 0
    assert client.get(url).status_code == 405


def test_a_heart_for_nobody_asks_her_to_sign_in(group):
    url = f"/products/{item_of(group, 1).product_id}/like/"

    assert "/sign-in/" in Client().post(url, {"on": "1"}, **HTMX)["HX-Redirect"]
    assert "/sign-in/" in Client().post(url, {"on": "1"})["Location"]
    assert Favourite.objects.count() == 0


def test_a_product_that_is_gone_takes_no_heart(group):
    product = item_of(group, 1).product
    Product.objects.filter(pk=product.pk).update(is_public=False)
    client = signed_in(make_person(), group)

    for wanted in (product.pk, 10**9):
        assert client.post(f"/products/{wanted}/like/", {"on": "1"}, **HTMX).status_code == 200
    assert Favourite.objects.count() == 0


def test_favourites_that_are_not_on_sale_stand_below(group):
    person, product = make_person(), item_of(group, 1).product
    Favourite.objects.create(resident=person, product=product, at=group.group_buy.opens_at)
    group.group_buy.items.filter(product=product).delete()

    page = signed_in(person, group).get("/me/favourites/")

    assert page.context["cards"] == []
    assert [each["title"] for each in page.context["others"]] == [product.title]


def test_what_she_bought_goes_into_the_basket_with_one_tap(group):
    person = make_person()
    (line,) = collect(group, person, second=1)
    client = signed_in(person, group)

    (again,) = client.get("/me/again/").context["cards"]
    assert again.card.title == line.title
    client.post(again.card.set_url, {"quantity": "1"}, **HTMX)

    basket = GroupBasket.objects.get(user=person, is_live=True)
    assert basket.basket.lines.get().product_id == line.product_id
    assert signed_in(make_person(), group).get("/me/again/").context["cards"] == []
