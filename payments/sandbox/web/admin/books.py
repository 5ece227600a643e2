"""Looking into the bank's books, and settling a day by order."""

from __future__ import annotations

from flask import Flask, Response

from payments.sandbox.core import bills, movements, settlements
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import merchant_of, said, text
from payments.sandbox.web.answers import answer


def book_routes(admin: Flask, bank: Bank) -> None:
    """Add /_books and /_settle."""

    @admin.get("/_books")
    def show_books() -> Response:
        """Show balances, and counts and sums of the day book per day, kind and status."""
        connection, merchant_id = bank.books.connection, merchant_of(bank)
        merchant = connection.execute(
            "SELECT balance_minor, pending_minor, fee_rate FROM merchants WHERE merchant_id = ?",
            (merchant_id,),
        ).fetchone()
        totals = movements.totals(connection, merchant_id)
        return answer({**dict(merchant), "totals": [dict(row) for row in totals]})

    @admin.post("/_settle")
    def settle() -> Response:
        """Pay a day's takings out now, whether or not it is over."""
        merchant_id = merchant_of(bank)
        wish = bills.read_wish(merchant_id, day=text(said(), "day"), kind="fund")
        with bank.books.writing() as connection:
            batch_no = settlements.settle_day(connection, merchant_id, wish.day_text)
        if not batch_no:
            raise Refusal("NOTHING_TO_SETTLE", "nothing is left of this day", status=409)
        return answer({"batch_no": batch_no})
