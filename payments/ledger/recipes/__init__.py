"""Which journal each business event writes: one recipe per event, no other way into the books."""

from __future__ import annotations

from payments.ledger.recipes.differences import (
    difference_approved,
    missing_receipt,
    missing_receipt_found,
    unidentified_receipt,
    unidentified_returned,
)
from payments.ledger.recipes.goods import (
    commission_earned,
    commission_reversed,
    goods_collected,
    goods_uncollected,
)
from payments.ledger.recipes.payouts import (
    platform_funding,
    statement_closed,
    subsidy_received,
    subsidy_returned,
    supplier_statement_closed,
    tax_remitted,
    transfer_returned,
    transfer_succeeded,
)
from payments.ledger.recipes.refunds import (
    fee_charged_again,
    fee_returned,
    refund_after_pickup,
    refund_before_pickup,
    refund_failed,
    refund_goodwill,
    refund_of_surplus,
    refund_paid_by_hand,
    refund_requested,
    refund_retried,
    refund_returned,
    refund_succeeded,
    refund_succeeded_after_refusal,
)
from payments.ledger.recipes.splits import (
    advance_repaid,
    share_advanced,
    share_paid,
    share_returned,
    share_returned_after_advance,
)
from payments.ledger.recipes.takings import (
    acquirer_batch,
    fee_charged,
    held_receipt,
    payment_captured,
    payment_surplus,
)
from payments.ledger.recipes.tenders import BankMoney

__all__ = [
    "BankMoney",
    "acquirer_batch",
    "advance_repaid",
    "commission_earned",
    "commission_reversed",
    "difference_approved",
    "fee_charged",
    "fee_charged_again",
    "fee_returned",
    "goods_collected",
    "goods_uncollected",
    "held_receipt",
    "missing_receipt",
    "missing_receipt_found",
    "payment_captured",
    "payment_surplus",
    "platform_funding",
    "refund_after_pickup",
    "refund_before_pickup",
    "refund_failed",
    "refund_goodwill",
    "refund_of_surplus",
    "refund_paid_by_hand",
    "refund_requested",
    "refund_retried",
    "refund_returned",
    "refund_succeeded",
    "refund_succeeded_after_refusal",
    "share_advanced",
    "share_paid",
    "share_returned",
    "share_returned_after_advance",
    "statement_closed",
    "subsidy_received",
    "subsidy_returned",
    "supplier_statement_closed",
    "tax_remitted",
    "transfer_returned",
    "transfer_succeeded",
    "unidentified_receipt",
    "unidentified_returned",
]
