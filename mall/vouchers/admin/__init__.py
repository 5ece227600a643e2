"""Vouchers in the admin: batches and rounds, what residents hold, gifts, merchants' counters."""

from __future__ import annotations

from mall.vouchers.admin.batches import VoucherBatchAdmin
from mall.vouchers.admin.gifts import GiftAdmin, GiftRuleAdmin
from mall.vouchers.admin.merchants import RedemptionAdmin, RedemptionMerchantAdmin
from mall.vouchers.admin.rounds import ClaimRoundAdmin
from mall.vouchers.admin.vouchers import HandGrantAdmin, VoucherAdmin

__all__ = [
    "ClaimRoundAdmin",
    "GiftAdmin",
    "GiftRuleAdmin",
    "HandGrantAdmin",
    "RedemptionAdmin",
    "RedemptionMerchantAdmin",
    "VoucherAdmin",
    "VoucherBatchAdmin",
]
