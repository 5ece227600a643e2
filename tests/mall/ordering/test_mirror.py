"""The copy of an order's money for Oscar's screens never stands in the way of the money."""

from __future__ import annotations

import pytest
from oscar.apps.payment.models import Source, SourceType

from mall.ordering.mirror import show_paid
from payments.api import Funder, Money, TenderPart
from tests.factories.crowd import all_at_once
from tests.factories.groups import make_person
from tests.mall.ordering.shopping import fill_worked, make_worked_group, place

PAID = [
    TenderPart(funder=Funder.PAYER, amount=Money(19200)),
    TenderPart(funder=Funder.BANK, ref="CCB:offer", amount=Money(1600)),
]


@pytest.fixture
def orders(acquirer):
    group = make_worked_group()
    people = [make_person() for _ in range(8)]
    return [place(fill_worked(group, person), person) for person in people]


@pytest.mark.django_db
def test_two_types_of_one_name_are_no_obstacle(orders):
    for _ in range(2):
        SourceType.objects.create(name="Paid online")

    show_paid(order_pk=orders[0].pk, payment_no="P1", tenders=PAID)

    assert sorted(Source.objects.values_list("amount_debited", flat=True)) == [16, 192]


@pytest.mark.django_db(transaction=True)
def test_the_first_payments_of_a_mall_may_come_at_once(orders):
    wishes = [
        lambda order=order: show_paid(order_pk=order.pk, payment_no="P1", tenders=PAID)
        for order in orders
    ]

    answers = all_at_once(wishes)
    show_paid(order_pk=orders[0].pk, payment_no="P2", tenders=PAID)

    assert answers == [None] * len(orders)
    assert Source.objects.filter(source_type__code="paid-online").count() >= 1
    assert Source.objects.count() == 2 * (len(orders) + 1)
