"""Finding goods however they are typed: 荔枝, lizhi, lz, 丽枝, lychee, 水果."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet, Sum
from oscar.apps.catalogue.models import Product

from mall.catalogue.matching import Findable, points
from mall.catalogue.models import ProductExtra, SearchTerm
from mall.catalogue.spelling import tidy, words_in
from mall.catalogue.terms import terms_asked, terms_of
from payments.api import transact

LONGEST_QUERY: Final = 20
# How many goods the look-up hands on to be judged; the best of them have most terms in common.
_JUDGED: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A product that answers a query."""

    product_id: int
    points: int


def tidy_query(typed: str) -> str:
    """Return what was typed as it is looked up: tidy, at most twenty characters."""
    return tidy(typed[: 4 * LONGEST_QUERY])[:LONGEST_QUERY].strip()


def find(typed: str, *, among: QuerySet[Product] | Iterable[int], limit: int = 60) -> list[Hit]:
    """Return the products that answer a query, best first, out of some: two queries.

    ``among`` are product ids, or a query set of them. Nothing typed finds nothing.
    """
    query = tidy_query(typed)
    asked = {term for word in words_in(query) for term in terms_asked(word)}
    if not asked:
        return []
    terms = SearchTerm.objects.filter(term__in=asked, product__in=among).order_by()
    weighed = terms.values("product_id").annotate(weight=Sum("weight")).order_by("-weight")
    ids = list(weighed.values_list("product_id", flat=True)[:_JUDGED])
    judged = [(points(query, goods), pk) for pk, goods in _findables(ids)]
    best = sorted((-found, pk) for found, pk in judged if found)
    return [Hit(product_id=pk, points=-found) for found, pk in best[:limit]]


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
