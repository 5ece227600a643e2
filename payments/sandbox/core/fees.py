"""What the bank keeps of a payment: a rate of what remains paid, rounded half up, per order."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def fee_on(rate: str, minor: int) -> int:
    """Return the fee, in fen, on so many fen at a rate such as "0.0038"."""
    return int((Decimal(rate) * minor).quantize(Decimal(1), ROUND_HALF_UP))


def fee_left(rate: str, *, amount_minor: int, left_minor: int) -> int:
    """Return the fee on what remains paid of an order; paid twice, each payment is counted alone.

    Counted on what remains, not on each refund, so that an order given back in many parts costs
    exactly what the same order given back at once does.
    """
    payments, rest_minor = divmod(left_minor, amount_minor)
    return payments * fee_on(rate, amount_minor) + fee_on(rate, rest_minor)
