"""What a range holds is what Oscar says it holds, asked for all ranges at once."""

from __future__ import annotations

import random

import pytest
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.apps.catalogue.models import Category, Product, ProductClass
from oscar.apps.offer.models import Range

from mall.promotions.ranges import products_of

pytestmark = pytest.mark.django_db


def make_shop(luck: random.Random) -> None:
    """Categories in a tree, two kinds of goods, some with variants."""
    create_from_breadcrumbs("水果 > 浆果 > 草莓")
    create_from_breadcrumbs("日用")
    kinds = [ProductClass.objects.create(name=name) for name in ("生鲜", "百货")]
    categories = list(Category.objects.all())
    for n in range(12):
        parent = Product.objects.create(
            title=f"商品{n}",
            structure=Product.PARENT if n % 3 == 0 else Product.STANDALONE,
            product_class=luck.choice(kinds),
        )
        parent.categories.add(*luck.sample(categories, luck.randint(0, 2)))
        if n % 3 == 0:
            for size in "大小":
                Product.objects.create(title=size, structure=Product.CHILD, parent=parent)


def make_range(luck: random.Random, n: int) -> Range:
    goods = Range.objects.create(name=f"范围{n}", includes_all_products=luck.random() < 0.3)
    products, few = list(Product.objects.all()), lambda rows: luck.sample(rows, luck.randint(0, 2))
    for product in few(products):
        goods.add_product(product)
    goods.excluded_products.add(*few(products))
    goods.classes.add(*few(list(ProductClass.objects.all()))[:1])
    goods.included_categories.add(*few(list(Category.objects.all())))
    goods.excluded_categories.add(*few(list(Category.objects.all())))
    return goods


@pytest.mark.parametrize("seed", range(3))
def test_it_holds_what_oscar_says(seed, django_assert_num_queries):
    luck = random.Random(seed)
    make_shop(luck)
    made = [make_range(luck, n) for n in range(25)]

    with django_assert_num_queries(8):
        found = products_of(made)

    for goods in made:
        fresh = Range.objects.get(pk=goods.pk)
        assert found[goods.pk] == set(fresh.all_products().values_list("pk", flat=True))


def test_no_range_is_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert products_of([]) == {}
