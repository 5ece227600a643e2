"""Batches, rounds and merchants as tests need them."""

from __future__ import annotations

import itertools
from datetime import timedelta

from mall.vouchers.holding import lock, mark_used
from mall.vouchers.issuing import Issue, take_stock, write_voucher
from mall.vouchers.models import (
    ClaimRound,
    RedemptionMerchant,
    Voucher,
    VoucherBatch,
)
from payments.api import now, transact
from tests.factories.groups import make_person

_numbers = itertools.count(1)
BANK_PAYS = [{"funder": "bank", "ref": "CCB", "percent": 100}]


def make_batch(**changes) -> VoucherBatch:
    """Spend 100 save 30, the operator pays, a thousand of them, running."""
    fields = {
        "code": f"batch-{next(_numbers)}",
        "name": "满100减30",
        "state": VoucherBatch.State.ACTIVE,
        "threshold_minor": 10000,
        "discount_minor": 3000,
        "valid_hours": 72,
        "total_stock": 1000,
        "refund_policy": VoucherBatch.RefundPolicy.RETURN,
    }
    return VoucherBatch.objects.create(**{**fields, **changes})


def make_round(batch: VoucherBatch | None = None, **changes) -> ClaimRound:
    """A round that opened an hour ago."""
    at = now()
    fields = {
        "batch": batch or make_batch(),
        "opens_at": at - timedelta(hours=1),
        "closes_at": at + timedelta(hours=5),
        "stock": 50,
    }
    return ClaimRound.objects.create(**{**fields, **changes})


@transact()
def make_voucher(resident=None, batch: VoucherBatch | None = None, **changes) -> Voucher:
    """A voucher in a wallet, counted as the services count it."""
    batch = batch or make_batch()
    worth = changes.pop("worth_minor", batch.discount_minor)
    voucher = write_voucher(
        Issue(
            batch=batch,
            resident_id=(resident or make_person()).pk,
            source=Voucher.Source.HAND,
            source_key=f"test:{next(_numbers)}",
            worth_minor=worth,
        )
    )
    take_stock(batch, None, worth)
    return voucher


@transact()
def put_on_order(voucher: Voucher, order_no: str = "M1", *, discount_minor: int = 3000) -> None:
    """Lock a voucher for an order."""
    lock(
        voucher_no=voucher.voucher_no,
        resident_id=voucher.resident_id,
        order_no=order_no,
        discount_minor=discount_minor,
    )


@transact()
def pay_with(voucher: Voucher, order_no: str = "M1", *, discount_minor: int = 3000) -> None:
    """Lock a voucher for an order that is then paid."""
    put_on_order(voucher, order_no, discount_minor=discount_minor)
    mark_used(order_no)


def make_merchant(*people, **changes) -> RedemptionMerchant:
    """A noodle shop whose people are at the counter."""
    number = next(_numbers)
    fields = {"code": f"noodles-{number}", "name": "老街面馆"}
    merchant = RedemptionMerchant.objects.create(**{**fields, **changes})
    merchant.users.set(people)
    return merchant


def state_of(voucher: Voucher) -> str:
    """The voucher's state as the database has it now."""
    return Voucher.objects.values_list("state", flat=True).get(pk=voucher.pk)
