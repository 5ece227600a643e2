"""Which products Oscar's ranges hold, asked for all ranges at once in eight queries.

Oscar asks for one range at a time, up to six queries each; a thousand offers would ask six
thousand. The meaning is Range.all_products()'s, and a test compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oscar.apps.catalogue.models import Category, Product
from oscar.apps.offer.models import Range

Pairs = Mapping[int, set[int]]


def products_of(ranges: Iterable[Range]) -> dict[int, frozenset[int]]:
    """Return the products' ids by the range's."""
    by_id = {each.pk: each for each in ranges}
    plain = [each.pk for each in by_id.values() if not each.proxy_class]
    if not plain:
        return {pk: _asked_singly(each) for pk, each in by_id.items()}
    shelf = _Shelf.read(plain)
    return {
        pk: _asked_singly(each) if each.proxy_class else shelf.products(each)
        for pk, each in by_id.items()
    }


def _asked_singly(goods: Range) -> frozenset[int]:
    return frozenset(goods.all_products().values_list("pk", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """All products, and what the ranges say of products, kinds and categories."""

    parents: dict[int, int | None]
    of_class: Pairs
    of_category: Pairs
    included: Pairs
    excluded: Pairs
    classes: Pairs
    included_categories: Pairs
    excluded_categories: Pairs
    children: Pairs = field(default_factory=dict)

    @classmethod
    def read(cls, ranges: list[int]) -> _Shelf:
        rows = list(Product.objects.order_by().values_list("pk", "parent_id", "product_class_id"))
        return cls(
            parents={pk: parent for pk, parent, _kind in rows},
            of_class=_pairs((kind, pk) for pk, _parent, kind in rows if kind),
            children=_pairs((parent, pk) for pk, parent, _kind in rows if parent),
            of_category=_by_category(),
            included=_through(Range.included_products, ranges, "product_id"),
            excluded=_through(Range.excluded_products, ranges, "product_id"),
            classes=_through(Range.classes, ranges, "productclass_id"),
            included_categories=_through(Range.included_categories, ranges, "category_id"),
            excluded_categories=_through(Range.excluded_categories, ranges, "category_id"),
        )

    def products(self, goods: Range) -> frozenset[int]:
        out = set(self.excluded.get(goods.pk, ()))
        if goods.includes_all_products:
            out |= self._with_children(_all_of(self.of_category, self.excluded_categories, goods))
            return frozenset(self.parents.keys() - out)
        held = self.included.get(goods.pk, set()) | _all_of(self.of_class, self.classes, goods)
        held |= _all_of(self.of_category, self.included_categories, goods)
        return frozenset(self._with_children(held) - self._with_children(out))

    def _with_children(self, products: set[int]) -> set[int]:
        return products.union(*(self.children.get(pk, ()) for pk in products))


def _all_of(products_by: Pairs, named_by: Pairs, goods: Range) -> set[int]:
    """Return the products of every kind or category that a range names."""
    named = named_by.get(goods.pk, ())
    return set().union(*(products_by.get(each, ()) for each in named))


def _by_category() -> Pairs:
    """Return the products of each category and of those below it."""
    paths = dict(Category.objects.order_by().values_list("path", "pk"))
    ids = {pk: path for path, pk in paths.items()}
    found: defaultdict[int, set[int]] = defaultdict(set)
    step = Category.steplen
    for product, category in Product.categories.through.objects.values_list(
        "product_id", "category_id"
    ):
        path = ids[category]
        for end in range(step, len(path) + 1, step):
            found[paths[path[:end]]].add(product)
    return found


def _through(relation: Any, ranges: list[int], of: str) -> Pairs:
    rows = relation.through.objects.filter(range_id__in=ranges).order_by()
    return _pairs(rows.values_list("range_id", of))


def _pairs(rows: Iterable[tuple[int, int]]) -> Pairs:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for key, value in rows:
        found[key].add(value)
    return found
