"""Many at once: each review counts, a line is reviewed once, a day sums up all its deals."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from mall.catalogue import deals, invariants
from mall.catalogue.batches import add_batch
from mall.catalogue.favourites import like
from mall.catalogue.models import Batch, DealDay, Favourite, ProductRating
from mall.reviews.invariants import check
from mall.reviews.models import Review
from mall.reviews.writing import write_review
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person, make_product
from tests.mall.catalogue.test_deals import paid
from tests.mall.ordering.shopping import make_worked_group
from tests.mall.reviews.collected import collect

pytestmark = pytest.mark.django_db(transaction=True)


def said(line, stars: int):
    resident = line.order.resident
    wish = {"stars": stars, "text": "", "photos": [], "is_named": False}
    return partial(write_review, resident=resident, line_id=line.pk, **wish)


def holds(checks) -> bool:
    return all(not result.violations for result in checks)


def test_everybodys_stars_count(acquirer):
    group = make_worked_group()
    lines = [collect(group)[0] for _ in range(6)]

    done = all_at_once([said(line, stars) for line in lines for stars in (4, 4)])

    assert {type(each) for each in done} == {Review}
    rating = ProductRating.objects.get()
    assert (rating.reviews, rating.stars) == (6, 24)
    assert holds(check())


def test_stars_that_do_not_add_up_are_found(acquirer):
    (line,) = collect(make_worked_group())
    said(line, 5)()
    ProductRating.objects.update(reviews=2, stars=10)

    assert not holds(check())


def test_a_day_sums_up_all_its_deals():
    corn = make_product("糯玉米")
    orders = [paid(corn, unit=2000 + n, pieces=1, line=n, order=f"G{n}") for n in range(8)]

    all_at_once([partial(deals.record_paid, order) for order in orders for _twice in "12"])

    day = DealDay.objects.get()
    assert (day.day, day.pieces, day.lowest_minor, day.highest_minor) == (
        date(2026, 11, 20),
        8,
        2000,
        2007,
    )
    assert holds(invariants.check())


def test_one_batch_is_the_current_one_and_a_heart_is_one_heart():
    corn, person = make_product("糯玉米"), make_person()
    take = {"product_id": corn.pk, "supplier_id": corn.stockrecords.get().partner_id}

    all_at_once([partial(add_batch, batch_no=f"B{n}", **take) for n in range(6)])
    all_at_once([partial(like, resident_id=person.pk, product_id=corn.pk) for _ in range(6)])

    assert Batch.objects.count() == 6
    assert Batch.objects.filter(is_current=True).count() == 1
    assert Favourite.objects.count() == 1
    assert holds(invariants.check())


def test_what_does_not_add_up_is_found():
    corn = make_product("糯玉米")
    deals.record_paid(paid(corn))
    DealDay.objects.update(pieces=5)
    batch = add_batch(
        product_id=corn.pk, supplier_id=corn.stockrecords.get().partner_id, batch_no="A"
    )
    Batch.objects.filter(pk=batch.pk).update(is_current=False)

    assert [bool(result.violations) for result in invariants.check()] == [True, True]
