"""What goes out of the door about splits: frozen copies for the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from payments.kernel.money import Money
from payments.models import Split, SplitReturn


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """One receiver's part of a split; `back` is what came or is to come back of it."""

    share_no: str
    share_key: str
    receiver: str
    amount: Money
    back: Money
    status: str
    failure_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """A payment shared out among receivers."""

    split_no: str
    split_key: str
    payment_no: str
    reference: str
    status: str
    finish: str
    amount: Money
    shares: tuple[ShareView, ...]
    failure_code: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReturnView:
    """A share, whole or part, on its way back; `is_advanced` when we paid it for the receiver."""

    return_no: str
    return_key: str
    share_no: str
    split_no: str
    refund_no: str
    receiver: str
    status: str
    amount: Money
    is_advanced: bool
    failure_code: str
    created_at: datetime
    done_at: datetime | None


def view_of_split(split: Split) -> SplitView:
    """Copy a split's row and its shares for the floors above."""
    return SplitView(
        split_no=split.split_no,
        split_key=split.split_key,
        payment_no=split.payment.payment_no,
        reference=split.reference,
        status=split.status,
        finish=split.finish,
        amount=split.amount,
        shares=tuple(
            ShareView(
                share_no=share.share_no,
                share_key=share.share_key,
                receiver=share.receiver,
                amount=split.money(share.amount_minor),
                back=split.money(share.back_committed_minor),
                status=share.status,
                failure_code=share.failure_code,
            )
            for share in split.shares.order_by("pk")
        ),
        failure_code=split.failure_code,
        created_at=split.created_at,
        done_at=split.done_at,
    )


def view_of_return(found: SplitReturn) -> SplitReturnView:
    """Copy a return's row for the floors above."""
    return SplitReturnView(
        return_no=found.return_no,
        return_key=found.return_key,
        share_no=found.share.share_no,
        split_no=found.share.split.split_no,
        refund_no=found.refund.refund_no if found.refund else "",
        receiver=found.share.receiver,
        status=found.status,
        amount=found.amount,
        is_advanced=found.advanced_at is not None,
        failure_code=found.failure_code,
        created_at=found.created_at,
        done_at=found.done_at,
    )
