"""Goods are found however they are typed, best first, and nothing else is."""

from __future__ import annotations

import pytest
from oscar.apps.catalogue.models import Product

from mall.catalogue.finding import find, tidy_query
from mall.catalogue.matching import Findable, points
from mall.catalogue.models import ProductExtra, SearchTerm
from mall.catalogue.services import index_product
from mall.catalogue.spelling import is_near, syllables_of, tidy
from tests.factories.groups import make_product

SHELF = {
    "海南妃子笑荔枝": ("水果", "Lychee from Hainan", ""),
    "普罗旺斯西红柿番茄": ("蔬菜", "Provence tomatoes", ""),
    "糯玉米": ("蔬菜", "Waxy corn", "苞谷 棒子"),
    "新丰清远鸡": ("肉禽蛋", "Qingyuan chicken", ""),
    "鲜牛奶 950 毫升": ("乳品烘焙", "Fresh milk", ""),
    "黄豆芽": ("蔬菜", "Bean sprouts", ""),
}


@pytest.fixture
def shelf(db):
    for title, (category, english, keywords) in SHELF.items():
        product = make_product(title, category=category)
        ProductExtra.objects.filter(product=product).update(title_en=english, keywords=keywords)
        index_product(Product.objects.get(pk=product.pk))
    return Product.objects.all()


def found(typed: str, shelf) -> list[str]:
    titles = dict(shelf.values_list("pk", "title"))
    return [titles[hit.product_id] for hit in find(typed, among=shelf)]


BEST = [
    ("荔枝", "海南妃子笑荔枝"),
    ("荔", "海南妃子笑荔枝"),
    ("lizhi", "海南妃子笑荔枝"),
    ("lizh", "海南妃子笑荔枝"),
    ("liz", "海南妃子笑荔枝"),
    ("LiZhi ", "海南妃子笑荔枝"),
    ("lz", "海南妃子笑荔枝"),
    ("hnfzx", "海南妃子笑荔枝"),
    ("丽枝", "海南妃子笑荔枝"),  # another character of the same sound
    ("lizi", "海南妃子笑荔枝"),  # zh said as z
    ("lizhu", "海南妃子笑荔枝"),  # one letter beside the right one
    ("妃子校荔枝", "海南妃子笑荔枝"),
    ("有机番茄", "普罗旺斯西红柿番茄"),
    ("xihongsi", "普罗旺斯西红柿番茄"),
    ("玉米", "糯玉米"),
    ("nuoyumi", "糯玉米"),
    ("苞谷", "糯玉米"),
    ("corn", "糯玉米"),
    ("lych", "海南妃子笑荔枝"),
    ("qyj", "新丰清远鸡"),
    ("牛奶 950", "鲜牛奶 950 毫升"),
    ("ｎｉｕｎａｉ", "鲜牛奶 950 毫升"),
    ("肉禽蛋", "新丰清远鸡"),
]


def test_goods_are_found_however_they_are_typed(shelf):
    assert {typed: found(typed, shelf)[:1] for typed, _best in BEST} == {
        typed: [best] for typed, best in BEST
    }


def test_a_category_finds_what_is_in_it_after_what_is_called_so(shelf):
    make_like = make_product("蔬菜沙拉", category="速冻熟食")
    index_product(make_like)

    assert found("蔬菜", shelf)[0] == "蔬菜沙拉"
    assert set(found("shucai", shelf)) >= {"糯玉米", "黄豆芽", "普罗旺斯西红柿番茄"}


def test_what_nobody_sells_is_not_found(shelf):
    asked = ["榴莲", "liulian", "", "  ", "!!!", "%", "a", "牛腩", "xyzzy"]

    assert {typed: found(typed, shelf) for typed in asked} == {typed: [] for typed in asked}


def test_every_word_must_find_something(shelf):
    assert found("荔枝 牛奶", shelf) == []
    assert found("海南 荔枝", shelf) == ["海南妃子笑荔枝"]


def test_only_goods_among_those_asked_are_found(shelf):
    litchi = shelf.get(title="海南妃子笑荔枝")

    assert find("荔枝", among=[litchi.pk])[0].product_id == litchi.pk
    assert find("荔枝", among=shelf.exclude(pk=litchi.pk)) == []


def test_a_search_takes_three_queries_at_most(shelf, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert find("shucai", among=shelf)


def test_indexing_again_writes_only_what_changed(shelf, django_assert_num_queries):
    product = shelf.get(title="糯玉米")
    before = set(SearchTerm.objects.filter(product=product).values_list("pk", flat=True))

    index_product(product)
    assert set(SearchTerm.objects.filter(product=product).values_list("pk", flat=True)) == before

    Product.objects.filter(pk=product.pk).update(title="甜玉米")
    index_product(Product.objects.get(pk=product.pk))
    assert found("糯玉米", shelf) == [] or found("糯玉米", shelf)[0] == "甜玉米"
    assert found("tym", shelf) == ["甜玉米"]


def test_what_is_typed_is_cut_to_what_is_looked_up():
    assert tidy_query("  ＬＩ　ｚｈｉ ") == "li zhi"
    assert len(tidy_query("荔" * 5000)) == 20


def test_letters_are_cut_into_syllables():
    assert syllables_of("lizhi") == (("li", "zhi"),)
    assert ("xian",) in syllables_of("xian")
    assert ("xi", "an") in syllables_of("xian")
    assert syllables_of("hello") == syllables_of("") == syllables_of("a" * 30) == ()


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("zi", "zhi", True), ("zhu", "zhi", True), ("ji", "zhi", False), ("a", "a", True)],
)
def test_one_letter_makes_a_slip(one, other, near):
    assert is_near(one, other) is near
    assert is_near(other, one) is near


def test_the_name_counts_more_than_what_stands_beside_it():
    name = Findable(name="苹果醋", beside=("调料",))
    beside = Findable(name="红富士", beside=("苹果",))

    assert points("苹果", name) > points("苹果", beside) > 0
    assert points(tidy("苹果"), Findable(name="苹果")) > points("苹果", name)
