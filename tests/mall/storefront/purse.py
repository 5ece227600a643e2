"""What a resident holds besides cards: vouchers of a running batch, and points."""

from __future__ import annotations

from datetime import timedelta

from mall.accounts.models import User
from mall.vouchers.granting import grant
from mall.vouchers.models import VoucherBatch
from payments.api import now, transact
from tests.mall.loyalty.rules import give_points, make_programme


def make_batch(**fields: object) -> VoucherBatch:
    """Vouchers of 5.00 from 50.00 on, paid for by the government."""
    at = now()
    defaults = {
        "code": "spring-5",
        "name": "春季消费券",
        "state": VoucherBatch.State.ACTIVE,
        "threshold_minor": 5000,
        "discount_minor": 500,
        "total_stock": 1000,
        "valid_from": at - timedelta(days=1),
        "valid_until": at + timedelta(days=10),
        "funding": [{"funder": "government", "ref": "GOV-AX", "percent": 100}],
        "refund_policy": VoucherBatch.RefundPolicy.FORFEIT,
    }
    return VoucherBatch.objects.create(**{**defaults, **fields})


@transact()
def give_voucher(resident: User, batch: VoucherBatch, *, key: str = "") -> str:
    """Put one voucher of a batch into her wallet; return its number."""
    key = key or f"test:{batch.code}:{batch.vouchers.count()}"
    return grant(batch_code=batch.code, resident_id=resident.pk, key=key)


def give_purse(resident: User) -> str:
    """Give her a voucher of 5.00 and points worth 3.00; return the voucher's number."""
    make_programme()
    give_points(resident, 300)
    return give_voucher(resident, make_batch())
