"""Vouchers a merchant took are claimed too, out of what was paid in advance, with their papers."""

from __future__ import annotations

import pytest
from django.db import transaction

from mall.claims.services.drafting import draft_claim
from mall.vouchers.codes import code_for
from mall.vouchers.redeeming import open_code, redeem, undo
from payments.api import Funder, Money, TenderPart, balance, post_voucher_redeemed
from tests.factories.groups import make_person
from tests.mall.claims.october import OCTOBER, broken, issued, on, seal
from tests.mall.claims.test_receipts import receive
from tests.mall.vouchers.batches import make_batch, make_merchant, make_voucher

pytestmark = pytest.mark.django_db
OF = {"giver": "GOV-AX", "campaign": "huimin"}
MIX = [
    {"funder": "government", "ref": "GOV-AX:huimin", "percent": 70},
    {"funder": "platform", "ref": "", "percent": 30},
]


def take(merchant, cashier):
    batch = make_batch(place="both", threshold_minor=5000, discount_minor=1001, funding=MIX)
    voucher = make_voucher(batch=batch)
    code = code_for(voucher_no=voucher.voucher_no, resident_id=voucher.resident_id).code
    open_code(merchant=merchant, by=cashier, code=code)
    wanted = {"voucher_no": voucher.voucher_no, "bill_minor": 12850}
    return redeem(merchant=merchant, by=cashier, **wanted)


def test_a_redemption_is_a_line_with_the_merchant_and_the_bill(account):
    cashier = make_person("何师傅")
    merchant = make_merchant(cashier)
    with on(9, 1):
        receive(5000, "GOV1", **OF)
    with on(10, 5):
        kept, undone = take(merchant, cashier), take(merchant, cashier)
        undo(redemption_no=undone.redemption_no, by=cashier)
    with on(11, 2):
        claim = issued(OCTOBER, **OF)
    first, second = claim.lines.order_by("number")
    assert (first.kind, first.subject_no, first.note) == (
        "redemption",
        kept.redemption_no,
        merchant.name,
    )
    assert (first.goods_minor, first.net_minor) == (12850, 701)
    assert (second.discount_minor, second.returned_minor, second.net_minor) == (701, 701, 0)
    assert (claim.status, claim.received_minor) == ("paid", 701)
    assert (balance("1131"), balance("2132")) == (0, -4299)
    assert broken() == []


def test_a_redemption_nobody_knows_keeps_the_claim_from_being_issued(account):
    with on(10, 5), transaction.atomic():
        part = TenderPart(funder=Funder.GOVERNMENT, ref="GOV-AX:huimin", amount=Money(500))
        post_voucher_redeemed(key="N-unknown", merchant_ref="merchant:1", shares=[part])
    with on(11, 2):
        seal()
        claim = draft_claim(month=OCTOBER, **OF)
    assert claim.is_equal is False
    assert claim.differences[0]["ref"] == "redeem:N-unknown"
