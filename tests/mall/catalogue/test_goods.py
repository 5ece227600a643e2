"""Goods are found by characters, pinyin and initials, and know their pictures without a query."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from oscar.apps.catalogue.models import Product, ProductImage
from PIL import Image

from mall.catalogue.jobs import index_changed
from mall.catalogue.pictures import product_picture
from mall.catalogue.prices import price_per_jin_minor
from mall.catalogue.services import index_product, save_product
from payments.api import now
from tests.factories.groups import make_product


def drawn_picture(width: int = 900, height: int = 600) -> ContentFile:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#b8452f").save(file, "PNG")
    return ContentFile(file.getvalue(), name="litchi.png")


def pictured_product(title: str = "荔枝") -> Product:
    product = make_product(title)
    ProductImage.objects.create(product=product, original=drawn_picture())
    index_product(product)
    return product


@pytest.mark.parametrize(
    ("price", "grams", "per_jin"),
    [(4900, 1000, 2450), (1000, 300, 1667), (100, None, None), (999, 500, 999)],
)
def test_the_price_of_500_grams(price, grams, per_jin):
    assert price_per_jin_minor(price_minor=price, net_grams=grams) == per_jin


@pytest.mark.django_db
def test_a_product_knows_its_pictures_without_a_query(django_assert_num_queries):
    pictured_product()
    product = Product.objects.select_related("extra").get()

    with django_assert_num_queries(0):
        pictures = [product_picture(product, size) for size in (240, 480, 720)]

    assert [(p.width, p.height) for p in pictures[:2]] == [(240, 240), (480, 480)]
    assert all(p.url.endswith(".webp") for p in pictures)


@pytest.mark.django_db
def test_a_product_without_a_readable_picture_has_none():
    product = make_product()
    ProductImage.objects.create(
        product=product, original=ContentFile(b"not a picture", name="x.png")
    )

    index_product(product)

    assert product_picture(Product.objects.get(), 240) is None
    with pytest.raises(ValueError, match="pixels"):
        product_picture(Product.objects.get(), 100)


@pytest.mark.django_db
def test_saving_a_product_cleans_its_markup_and_makes_it_findable():
    product = make_product("荔枝")
    product.description = '<p onclick="x()">甜<script>alert(1)</script></p>'

    save_product(product=product, details={"origin": "海南", "net_grams": 2500, "is_weighed": True})

    product = Product.objects.select_related("extra").get()
    assert product.description == "<p>甜</p>"
    assert (product.extra.origin, product.extra.pinyin, product.extra.initials) == (
        "海南",
        "lizhi",
        "lz",
    )


@pytest.mark.django_db
def test_goods_priced_by_weight_need_a_weight():
    with pytest.raises(ValidationError):
        save_product(product=make_product(), details={"is_weighed": True, "net_grams": None})


@pytest.mark.django_db
def test_what_was_changed_in_the_dashboard_is_indexed_by_the_job():
    product = pictured_product("荔枝")
    with time_machine.travel(now() + timedelta(minutes=1)):
        Product.objects.get().save()
        assert index_changed(10) == {"indexed": 0}
    with time_machine.travel(now() + timedelta(minutes=1, seconds=10)):
        Product.objects.filter(pk=product.pk).update(title="桂圆")
        assert index_changed(10) == {"indexed": 1}
        assert index_changed(10) == {"indexed": 0}
    assert Product.objects.get().extra.pinyin == "guiyuan"
