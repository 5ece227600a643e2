"""An order with everything off: a voucher of three funders, points, a bank offer of two."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from mall.accounts.models import User
from mall.groupbuy.models import LeaderGroup
from mall.loyalty.models import PointsAccount
from mall.ordering.models import (
    LineDiscount,
    LineFulfilment,
    OrderDiscount,
    OrderFulfilment,
    Status,
)
from mall.ordering.pricing import Wish
from mall.ordering.returning import Missing, refund_missing
from mall.ordering.status import move
from mall.vouchers.models import Voucher
from payments.acquiring.contract import Outcome, PayResult
from payments.api import TenderPart, deliver_pending, payment_view, refunds_of
from payments.models import Payment
from payments.services.facts import apply_channel_fact
from tests.factories.groups import make_person
from tests.mall.loyalty.rules import give_points, make_programme
from tests.mall.ordering.shopping import fill_worked, give_card, make_worked_group, place
from tests.mall.promotions.offers import make_offer
from tests.mall.vouchers.batches import make_batch, make_voucher

VOUCHER_FUNDING = [
    {"funder": "government", "ref": "GOV-HZ", "percent": 50},
    {"funder": "platform", "percent": 30},
    {"funder": "supplier", "ref": "supplier:1", "percent": 20},
]
OFFER_FUNDING = [{"funder": "bank", "percent": 75}, {"funder": "platform", "percent": 25}]


def make_voucher_of_three(resident: User, **batch: object) -> Voucher:
    """30 off from 100, paid by an authority, the mall and a supplier."""
    fields = {"code": "spring", "name": "春季消费券", "funding": VOUCHER_FUNDING}
    return make_voucher(resident, make_batch(**{**fields, **batch}))


def place_with_everything(
    group: LeaderGroup | None = None, resident: User | None = None, **offer: object
) -> OrderFulfilment:
    """208.00 less 30.00 by a voucher, 5.00 by points, 16.00 by the bank's offer: 157.00 to pay."""
    resident = resident or make_person("王阿姨")
    make_programme()
    give_points(resident, 500)
    make_voucher_of_three(resident)
    make_offer(**{"threshold_minor": 17000, "funding": OFFER_FUNDING, **offer})
    card = give_card(resident)
    basket = fill_worked(group or make_worked_group(), resident)
    return place(basket, resident, wish=Wish(way=card.agreement_no, points=500), payable=15700)


def money_comes(payment_no: str, *given: TenderPart) -> None:
    """The acquirer tells that an attempt was paid, and what it took off by itself."""
    payment = Payment.objects.select_related("account").get(payment_no=payment_no)
    result = PayResult(
        Outcome.SUCCEEDED,
        payment_no,
        amount=payment.amount,
        merchant_id=payment.account.merchant_id,
        acquirer_no=f"A{payment_no[-8:]}",
        paid_at=timezone.now(),
        tenders=given,
    )
    apply_channel_fact(source="query", account=payment.account, result=result)
    deliver_pending(100)


def fresh(order: OrderFulfilment) -> OrderFulfilment:
    return OrderFulfilment.objects.get(pk=order.pk)


def paid(order: OrderFulfilment, *given: TenderPart) -> OrderFulfilment:
    """The order, paid."""
    money_comes(order.payment_no, *given)
    order = fresh(order)
    assert order.status in {Status.PAID, Status.CONFIRMED}
    return order


def sent(order: OrderFulfilment, *given: TenderPart) -> OrderFulfilment:
    """Paid, confirmed and on its way: what is missing is found out on arrival."""
    order = paid(order, *given)
    for status in (Status.CONFIRMED, Status.IN_TRANSIT):
        move(order, status)
    return fresh(order)


def give_back(order: OrderFulfilment, **pieces: int) -> bool:
    """So many pieces of the first, second and third line did not come."""
    names = ("first", "second", "third")
    lines = LineFulfilment.objects.filter(order=order).order_by("pk")
    missing = [
        Missing(line_id=line.pk, quantity=pieces[name])
        for name, line in zip(names, lines, strict=False)
        if pieces.get(name)
    ]
    with transaction.atomic():
        return refund_missing(fresh(order), missing)


def discounts(order: OrderFulfilment) -> dict[str, tuple[int, int | None]]:
    """What each discount of the order was quoted and given for."""
    rows = OrderDiscount.objects.filter(order=order).order_by("pk")
    return {row.source_no: (row.estimated_minor, row.actual_minor) for row in rows}


def funders(order: OrderFulfilment, field: str = "minor") -> dict[tuple[str, str], int]:
    """What each funder bears of the order, or got back."""
    rows = LineDiscount.objects.filter(line__order=order).order_by()
    sums = rows.values_list("funder", "funder_ref").annotate(minor=Sum(field))
    return {(funder, ref): minor for funder, ref, minor in sums}


def tenders(order: OrderFulfilment) -> dict[tuple[str, str], int]:
    """What the payment says each funder gave, the payer left out."""
    return {
        (str(part.funder), part.ref): part.amount.minor
        for part in payment_view(fresh(order).payment_no).tenders
        if part.funder != "payer" and part.amount
    }


def back(order: OrderFulfilment) -> Counter[tuple[str, str]]:
    """What all refunds of the order promised each funder and the payer."""
    sums: Counter[tuple[str, str]] = Counter()
    for refund in refunds_of(fresh(order).payment_no):
        for part in refund.tenders:
            sums[str(part.funder), part.ref] += part.amount.minor
    return sums


def points_of(resident_id: int) -> int:
    """Her balance."""
    lots = PointsAccount.objects.get(resident_id=resident_id).lots
    return lots.aggregate(n=Sum("left"))["n"] or 0
