"""Market pay's papers read into ours: what its answers and its messages have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from payments.acquiring.contract import (
    Failure,
    Outcome,
    OutcomeUnknownError,
    PayResult,
    RefundResult,
)
from payments.acquiring.errors import Advice
from payments.acquiring.masking import redacted
from payments.adapters.ccb.documents import instant_of
from payments.adapters.ccb_hsb.codes import ORDER_STATES, REFUND_STATES
from payments.kernel.money import Money

_ORDER_KEPT: Final = ("Main_Ordr_No", "Py_Trn_No", "Ordr_Amt", "Txnamt", "Ordr_Stcd", "Pay_Time")
_REFUND_KEPT: Final = ("Cust_Rfnd_Trcno", "Super_Refund_No", "Rfnd_Amt", "Refund_Rsp_St")


def read_payment(data: Mapping[str, Any], *, merchant_id: str) -> PayResult:
    """Read an order; OutcomeUnknownError."""
    try:
        outcome = ORDER_STATES[str(data["Ordr_Stcd"])]
        amount = Money.from_major_str(str(data.get("Ordr_Amt") or data["Txnamt"]))
        number = str(data["Main_Ordr_No"])
    except (KeyError, ValueError) as error:
        raise OutcomeUnknownError("market pay's order cannot be read") from error
    is_paid = outcome is Outcome.SUCCEEDED
    return PayResult(
        outcome=outcome,
        payment_no=number,
        acquirer_no=str(data.get("Py_Trn_No") or "")[:64],
        amount=amount,
        merchant_id=merchant_id,
        paid_at=instant_of(str(data.get("Pay_Time") or "")) if is_paid else None,
        failure=Failure("failed", "3", "the payment failed", Advice.NEW_METHOD)
        if outcome is Outcome.FAILED
        else None,
        raw=redacted({name: str(data.get(name) or "") for name in _ORDER_KEPT}),
    )


def read_refund(data: Mapping[str, Any], *, merchant_id: str) -> RefundResult:
    """Read a refund; OutcomeUnknownError."""
    try:
        outcome = REFUND_STATES[str(data["Refund_Rsp_St"])]
        number = str(data["Cust_Rfnd_Trcno"])
        amount = Money.from_major_str(str(data["Rfnd_Amt"])) if data.get("Rfnd_Amt") else None
    except (KeyError, ValueError) as error:
        raise OutcomeUnknownError("market pay's refund cannot be read") from error
    theirs = data.get("Super_Refund_No") or data.get("Rfnd_Trcno") or ""
    return RefundResult(
        outcome=outcome,
        refund_no=number,
        acquirer_refund_no=str(theirs)[:64],
        amount=amount,
        merchant_id=merchant_id,
        failure=Failure("refund_rejected", "01", "the refund failed", Advice.RETRY_LATER)
        if outcome is Outcome.FAILED
        else None,
        raw=redacted({name: str(data.get(name) or "") for name in _REFUND_KEPT}),
    )
