"""Batches paid for in advance: what came pays for those that run, and no budget outgrows it."""

from __future__ import annotations

import pytest

from mall.claims.services.receiving import confirm_receipt, propose_receipt
from mall.promotions.approvals import Action, propose
from mall.vouchers.approving import BATCH
from mall.vouchers.errors import NotFundedError
from mall.vouchers.lifecycle import change_budget, end, launch
from mall.vouchers.models import VoucherBatch
from payments.api import business_date
from tests.mall.vouchers.batches import make_batch, make_voucher

pytestmark = pytest.mark.django_db
PAYS = [{"funder": "bank", "ref": "CCB:autumn", "percent": 100}]


def came(minor: int) -> None:
    receipt = propose_receipt(
        giver="CCB",
        campaign="autumn",
        receipt_no=f"R{minor}",
        day=business_date(),
        minor=minor,
        by="clerk",
    )
    confirm_receipt(receipt, by="chief")


def draft(stock: int = 30) -> VoucherBatch:
    return make_batch(state="draft", funding=PAYS, is_prefunded=True, total_stock=stock)


def test_one_advance_pays_for_one_batch_until_that_has_ended():
    came(90000)
    first, second = draft(), draft()
    launch(first)

    with pytest.raises(NotFundedError) as refusal:
        launch(second)
    assert refusal.value.data["missing_minor"] == 90000

    make_voucher(batch=first)
    end(first)
    with pytest.raises(NotFundedError) as refusal:
        launch(second)
    assert refusal.value.data["missing_minor"] == 3000
    came(3000)
    launch(second)


def test_a_budget_does_not_grow_beyond_what_came():
    came(90000)
    batch = draft()
    launch(batch)

    with pytest.raises(NotFundedError):
        propose(Action.BUDGET, kind=BATCH, pk=batch.pk, by="clerk", budget_minor=93000)
    with pytest.raises(NotFundedError):
        change_budget(batch, budget_minor=93000, total_stock=31)
    change_budget(batch, budget_minor=60000, total_stock=20)
    change_budget(batch, budget_minor=90000, total_stock=30)
