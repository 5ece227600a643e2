"""Giving back."""

from __future__ import annotations

from collections.abc import Sequence
from payments.kernel.money import Money
from payments.kernel.errors import LinliError
from payments.kernel.tenders import TenderPart
from payments.models import Refund
from payments.papers import RefundView

RefundStage = Refund.Stage


class RefundExceedsCapturedError(LinliError):
    """More would go back than came in."""


def request_refund(
    *,
    payment_no: str,
    refund_key: str,
    tenders: Sequence[TenderPart],
    reason: str,
    stage: RefundStage,
    supplier_parts: Sequence[tuple[str, Money]] = (),
) -> RefundView:
    raise NotImplementedError


def send_refund(refund_no: str) -> RefundView:
    raise NotImplementedError
