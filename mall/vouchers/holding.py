"""A voucher's way through an order: locked with it, used when it is paid, free again or forfeited."""

from __future__ import annotations


def lock(*, voucher_no: str, resident_id: int, order_no: str, discount_minor: int) -> None:
    """Hold a voucher for an order, in its transaction; VoucherGoneError when it is not free."""
    raise NotImplementedError


def mark_used(order_no: str) -> None:
    """Mark the order's voucher used, when it is paid; the second time changes nothing."""


def release(order_no: str) -> None:
    """Give an unpaid order's voucher back to its holder; the second time changes nothing."""


def take_back(*, order_no: str, amount_minor: int, is_whole: bool) -> None:
    """Return a part of a used voucher (fen) to its funders at a refund.

    When the whole order went back the voucher returns to its holder or is forfeited, as its batch
    says.
    """
