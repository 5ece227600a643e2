"""Several small refunds give every funder back exactly what it gave, however they interleave."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest
from django.db import transaction

from mall.ordering.returning import _tenders
from payments.api import Funder, Money, RefundStage, TenderPart, refunds_of, request_refund
from payments.models import Payment
from tests.payments.desk import hear, make_account, open_payment, success

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings) -> None:
    settings.LINLI_PAYABLE = "tests.payments.desk.Shop"


def funded(*parts: TenderPart):
    """A payment of 10.00 by the payer and the rest by these funders."""
    make_account()
    whole = (TenderPart(funder=Funder.PAYER, amount=Money(1000)), *parts)
    payment = Payment.objects.get(payment_no=open_payment(tenders=whole).payment_no)
    hear(payment, "query", success(payment, amount=Money(1000)))
    return payment


def give_back(payment, key: str, *, payer: int, share: int, own: int) -> None:
    order = SimpleNamespace(payment_no=payment.payment_no)
    with transaction.atomic():
        request_refund(
            payment_no=payment.payment_no,
            refund_key=key,
            tenders=_tenders(order, payer_minor=payer, share_minor=share, own_minor=own),
            reason="shortage",
            stage=RefundStage.BEFORE_PICKUP,
        )


def back(payment) -> dict[str, int]:
    total: dict[str, int] = {}
    for refund in refunds_of(payment.payment_no):
        for part in refund.tenders:
            total[part.ref] = total.get(part.ref, 0) + part.amount.minor
    return total


def test_two_funders_of_a_fen_each_get_it_back_in_two_steps():
    payment = funded(
        TenderPart(funder=Funder.PLATFORM, ref="P", amount=Money(1)),
        TenderPart(funder=Funder.SUPPLIER, ref="S", amount=Money(1)),
    )

    give_back(payment, "1", payer=500, share=1, own=1)
    give_back(payment, "2", payer=500, share=1, own=1)

    assert back(payment) == {"": 1000, "P": 1, "S": 1}


@pytest.mark.parametrize("seed", range(5))
def test_any_steps_that_empty_the_order_lose_no_fen(seed):
    dice = Random(seed)
    gave = {"CCB:x": 700, "P": 101, "S": 33, "G:y": 7}
    payment = funded(
        TenderPart(funder=Funder.BANK, ref="CCB:x", amount=Money(700)),
        TenderPart(funder=Funder.PLATFORM, ref="P", amount=Money(101)),
        TenderPart(funder=Funder.SUPPLIER, ref="S", amount=Money(33)),
        TenderPart(funder=Funder.GOVERNMENT, ref="G:y", amount=Money(7)),
    )
    left = {"payer": 1000, "bank": 700, "own": 141}
    for step in range(20):
        last = step == 19
        now = {who: rest if last else dice.randint(0, rest // 4) for who, rest in left.items()}
        left = {who: rest - now[who] for who, rest in left.items()}
        if any(now.values()):
            share = now["bank"] + now["own"]
            give_back(payment, f"{step}", payer=now["payer"], share=share, own=now["own"])

    assert back(payment) == {"": 1000, **gave}
