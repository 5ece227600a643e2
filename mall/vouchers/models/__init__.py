"""The rows of vouchers: batches and rounds, residents' vouchers, gifts, redemptions."""

from __future__ import annotations

from mall.vouchers.models.batches import ClaimRound, VoucherBatch
from mall.vouchers.models.gifts import Gift, GiftRule
from mall.vouchers.models.redemptions import (
    CounterLock,
    Redemption,
    RedemptionCode,
    RedemptionMerchant,
)
from mall.vouchers.models.vouchers import ClaimSlot, HandGrant, Voucher, VoucherUse

__all__ = [
    "ClaimRound",
    "ClaimSlot",
    "CounterLock",
    "Gift",
    "GiftRule",
    "HandGrant",
    "Redemption",
    "RedemptionCode",
    "RedemptionMerchant",
    "Voucher",
    "VoucherBatch",
    "VoucherUse",
]
