"""Finding goods however they are typed: 荔枝, lizhi, lz, 丽枝, lychee, 水果."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, QuerySet, Sum
from oscar.apps.catalogue.models import Product

from mall.catalogue.matching import Findable, points
from mall.catalogue.models import ProductExtra, SearchTerm
from mall.catalogue.spelling import tidy, words_in
from mall.catalogue.terms import terms_asked, terms_of
from payments.api import transact

LONGEST_QUERY: Final = 20
# How many goods the look-up hands on to be judged; the best of them have most terms in common.
_JUDGED: Final = 120
# With fewer than these, what is less telling is looked up too.
_ENOUGH: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A product that answers a query."""

    product_id: int
    points: int


def tidy_query(typed: str) -> str:
    """Return what was typed as it is looked up: tidy, at most twenty characters."""
    return tidy(typed[: 4 * LONGEST_QUERY])[:LONGEST_QUERY].strip()


def find(typed: str, *, among: QuerySet[Any, Any] | Iterable[int], limit: int = 60) -> list[Hit]:
    """Return the products that answer a query, best first, out of some: two queries, or three.

    ``among`` are product ids, or a query set of them. Nothing typed finds nothing.
    """
    query = tidy_query(typed)
    asked = terms_asked(words_in(query))
    if not (asked.rare or asked.common):
        return []
    ids = _candidates(asked.rare, among)
    if len(ids) < _ENOUGH and asked.common:
        # Many goods share a syllable: looked up by it only where little else was found.
        ids = _candidates(asked.rare | asked.common, among)
    judged = [(points(query, goods), pk) for pk, goods in _findables(ids)]
    best = sorted((-found, pk) for found, pk in judged if found)
    return [Hit(product_id=pk, points=-found) for found, pk in best[:limit]]


def _candidates(terms: Iterable[str], among: QuerySet[Any, Any] | Iterable[int]) -> list[int]:
    """Return the products that have most of some terms."""
    # A sum has no index: SQLite would rather look up every product on sale than a few terms.
    rows = SearchTerm.objects.alias(goods=F("product_id") + 0).order_by()
    rows = rows.filter(term__in=list(terms), goods__in=among)
    weighed = rows.values("product_id").annotate(weight=Sum("weight")).order_by("-weight")
    return list(weighed.values_list("product_id", flat=True)[:_JUDGED])


def _findables(product_ids: list[int]) -> list[tuple[int, Findable]]:
    rows = ProductExtra.objects.filter(product__in=product_ids).values_list(
        "product_id", "product__title", "found_beside"
    )
    return [
        (pk, Findable(name=tidy(title), beside=tuple(beside.split("\n"))))
        for pk, title, beside in rows
    ]


def beside_of(product: Product, extra: ProductExtra) -> list[str]:
    """Return what else a product is found by: other names, English, origin, its categories."""
    rows = product.productcategory_set.select_related("category")
    names = [extra.keywords, extra.title_en, extra.origin, extra.producer]
    names += [row.category.name for row in rows]
    return [tidy(name) for name in names if name.strip()]


@transact()
def write_terms(product: Product, beside: list[str]) -> None:
    """Write down what a product is found by; rows that stay as they are are left alone."""
    wanted = terms_of([(product.get_title(), 2), *((text, 1) for text in beside)])
    there = dict(SearchTerm.objects.filter(product=product).values_list("term", "weight"))
    gone = [term for term, weight in there.items() if wanted.get(term) != weight]
    SearchTerm.objects.filter(product=product, term__in=gone).delete()
    SearchTerm.objects.bulk_create(
        (
            SearchTerm(product=product, term=term, weight=weight)
            for term, weight in sorted(wanted.items())
            if there.get(term) != weight
        ),
        ignore_conflicts=True,
    )
