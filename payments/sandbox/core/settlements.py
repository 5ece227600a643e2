"""Settlements: the takings of a day are paid out to the merchant the next day, as one batch."""

from __future__ import annotations

import sqlite3
from typing import Final

from payments.sandbox.clock import now_ms
from payments.sandbox.core import movements
from payments.sandbox.core.bank import new_acquirer_no
from payments.sandbox.core.movements import Movement, day_of

# Half an hour into the next day, so that the bills of 01:00 can speak of it.
SETTLES_AFTER_MS: Final = 30 * 60_000


def last_settled_day() -> str:
    """Return the newest day whose takings are due now: before 00:30, the day before yesterday."""
    return day_of(now_ms() - SETTLES_AFTER_MS - 86_400_000)


def is_any_due(connection: sqlite3.Connection) -> bool:
    """Tell whether takings wait to be settled."""
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM takings WHERE net_minor <> 0 AND day <= ?)",
        (last_settled_day(),),
    ).fetchone()
    return bool(row[0])


def settle_due(connection: sqlite3.Connection) -> int:
    """Settle every day that is over; return how many batches were paid."""
    due = connection.execute(
        "SELECT merchant_id, day FROM takings WHERE net_minor <> 0 AND day <= ? ORDER BY day",
        (last_settled_day(),),
    ).fetchall()
    return sum(settle_day(connection, row["merchant_id"], row["day"]) != "" for row in due)


def settle_day(connection: sqlite3.Connection, merchant_id: str, day: str) -> str:
    """Pay a day's takings out now and return the batch number; "" where there is nothing.

    Settling twice pays once: only what was taken since is paid again. A negative net is drawn from
    the available balance, which alone may fall below nothing; transfers wait until it is filled.
    """
    row = connection.execute(
        "SELECT net_minor FROM takings WHERE merchant_id = ? AND day = ? AND net_minor <> 0",
        (merchant_id, day),
    ).fetchone()
    if row is None:
        return ""
    net_minor, batch_no = row["net_minor"], new_acquirer_no("SC")
    connection.execute(
        "UPDATE takings SET net_minor = 0 WHERE merchant_id = ? AND day = ?", (merchant_id, day)
    )
    movements.let_go(connection, merchant_id, -net_minor)
    movements.earn(connection, merchant_id, net_minor)
    batch = Movement(merchant_id, "SETTLEMENT", "", batch_no, net_minor, now_ms())
    movements.write(connection, batch, day)
    return batch_no
