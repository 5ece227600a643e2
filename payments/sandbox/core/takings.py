"""What a merchant takes in and gives back: each kind of movement with its fee and its net."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from payments.sandbox.core import movements
from payments.sandbox.core.fees import fee_left, fee_on
from payments.sandbox.core.movements import Movement


@dataclass(frozen=True, slots=True)
class Share:
    """A receiver's part of a split, or what of it comes back. `own_no` is the merchant's number."""

    merchant_id: str
    own_no: str
    acquirer_no: str
    split_no: str
    receiver: str
    amount_minor: int
    at_ms: int


def paid(
    connection: sqlite3.Connection, order: sqlite3.Row, *, at_ms: int, acquirer_no: str = ""
) -> None:
    """Credit what was charged, less its fee; another `acquirer_no` is a further payment.

    The order remembers the rate it was paid at: what is given back later goes by that one.
    """
    (rate,) = connection.execute(
        "SELECT fee_rate FROM merchants WHERE merchant_id = ?", (order["merchant_id"],)
    ).fetchone()
    connection.execute("UPDATE orders SET fee_rate = ? WHERE id = ?", (rate, order["id"]))
    charged_minor = order["amount_minor"] - order["discount_minor"]
    fee_minor = fee_on(rate, charged_minor)
    movements.record(
        connection,
        Movement(
            merchant_id=order["merchant_id"],
            kind="PAY",
            own_no=order["our_no"],
            acquirer_no=acquirer_no or order["acquirer_no"],
            amount_minor=charged_minor,
            fee_minor=fee_minor,
            net_minor=charged_minor - fee_minor,
            at_ms=at_ms,
        ),
    )


def refunded(connection: sqlite3.Connection, refund: sqlite3.Row, *, at_ms: int) -> None:
    """Debit a refund that was held and now succeeded; part of the fee comes back with it."""
    _give_back(connection, refund, sign=-1, at_ms=at_ms)


def refund_came_back(connection: sqlite3.Connection, refund: sqlite3.Row, *, at_ms: int) -> None:
    """Credit a refund that had succeeded and came back, and charge its part of the fee again."""
    _give_back(connection, refund, sign=1, at_ms=at_ms)


def _give_back(
    connection: sqlite3.Connection, refund: sqlite3.Row, *, sign: int, at_ms: int
) -> None:
    """Book a refund out (sign -1) or back in (1); its row already has the new status."""
    amount_minor = refund["amount_minor"]
    order = connection.execute(
        "SELECT * FROM orders WHERE id = ?", (refund["order_id"],)
    ).fetchone()
    (given_minor,) = connection.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM refunds"
        " WHERE order_id = ? AND status = 'SUCCESS'",
        (refund["order_id"],),
    ).fetchone()
    left_minor = order["received_minor"] - given_minor
    fee_minor = _fee_left(order, left_minor) - _fee_left(order, left_minor - sign * amount_minor)
    movements.record(
        connection,
        Movement(
            merchant_id=refund["merchant_id"],
            kind="REFUND",
            own_no=refund["refund_no"],
            acquirer_no=refund["acquirer_refund_no"],
            related_no=order["our_no"],
            amount_minor=amount_minor,
            fee_minor=fee_minor,
            net_minor=sign * amount_minor - fee_minor,
            status="SUCCESS" if sign < 0 else "FAILED",
            at_ms=at_ms,
        ),
        held_minor=amount_minor if sign < 0 else 0,
    )


def _fee_left(order: sqlite3.Row, left_minor: int) -> int:
    charged_minor = order["amount_minor"] - order["discount_minor"]
    return fee_left(order["fee_rate"], amount_minor=charged_minor, left_minor=left_minor)


def transferred(
    connection: sqlite3.Connection, transfer: sqlite3.Row, *, at_ms: int, status: str = "SUCCESS"
) -> None:
    """Write a transfer's end into the day book; FAILED puts its money back to the available."""
    if status == "FAILED":
        movements.earn(connection, transfer["merchant_id"], transfer["amount_minor"])
    movements.record(
        connection,
        Movement(
            merchant_id=transfer["merchant_id"],
            kind="TRANSFER",
            own_no=transfer["transfer_no"],
            acquirer_no=transfer["acquirer_transfer_no"],
            party=f"*{transfer['payee_account'][-4:]}",
            amount_minor=transfer["amount_minor"],
            status=status,
            at_ms=at_ms,
        ),
    )


def shared(connection: sqlite3.Connection, share: Share) -> None:
    """Take a receiver's share out of the takings. Refusal BALANCE_TOO_LOW."""
    movements.hold(connection, share.merchant_id, share.amount_minor)
    _move_share(connection, share, kind="SPLIT", sign=-1)


def share_returned(connection: sqlite3.Connection, share: Share) -> None:
    """Put a receiver's share, or a part of it, back into the takings."""
    _move_share(connection, share, kind="SPLIT_RETURN", sign=1)


def _move_share(connection: sqlite3.Connection, share: Share, *, kind: str, sign: int) -> None:
    movements.record(
        connection,
        Movement(
            merchant_id=share.merchant_id,
            kind=kind,
            own_no=share.own_no,
            acquirer_no=share.acquirer_no,
            related_no=share.split_no,
            party=share.receiver,
            amount_minor=share.amount_minor,
            net_minor=sign * share.amount_minor,
            at_ms=share.at_ms,
        ),
        held_minor=share.amount_minor if sign < 0 else 0,
    )
