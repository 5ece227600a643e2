"""The rows of subsidy claims: the claim, its lines, what the bank disputes, and what it paid."""

from __future__ import annotations

from mall.claims.models.claims import ClaimEvent, ClaimLine, SubsidyClaim
from mall.claims.models.disputes import LineDispute
from mall.claims.models.receipts import ReceiptPart, SubsidyReceipt

__all__ = [
    "ClaimEvent",
    "ClaimLine",
    "LineDispute",
    "ReceiptPart",
    "SubsidyClaim",
    "SubsidyReceipt",
]
