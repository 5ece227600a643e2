"""Acting as the payer, the card's owner and the postman, for tests and rehearsals."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from payments.sandbox.core import agreements, cards, orders, paying
from payments.sandbox.core.agreements import Holder
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.cards import Card
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.admin.desk import merchant_of, said, said_if_any, text
from payments.sandbox.web.answers import answer


def payer_routes(admin: Flask, bank: Bank) -> None:
    """Add what people do: pay, sign; and the postman who gives up."""

    @admin.post("/_sim/pay/<our_no>")
    def pay(our_no: str) -> Response:
        """Pay an order; {"card": {"bin": "621700", "serial": 7}} chooses the test card.

        {"how": "late"} pays one that was closed, {"how": "again"} pays a second time.
        """
        command = said_if_any()
        card, how = _card(bank, command.get("card", {})), text(command, "how")
        merchant_id = merchant_of(bank)
        with bank.books.writing() as connection:
            order = orders.by_number(connection, merchant_id, our_no)
            if how == "late":
                paying.pay_late(connection, bank, order)
            elif how == "again":
                paying.pay_again(connection, bank, order)
            else:
                paying.pay(connection, bank, order=order, card=card)
            paid = orders.by_number(connection, merchant_id, our_no)
            return answer(orders.view(connection, bank, paid))

    @admin.post("/_sim/sign/<agreement_no>")
    def sign(agreement_no: str) -> Response:
        """Sign with a test card: {"bin": "622168", "serial": 7, "name": …, "phone": …}.

        {"valid_days": 20} lets the agreement run out after so many days, 0 never.
        """
        command = said()
        days, merchant_id = _days(command), merchant_of(bank)
        holder = Holder(_card(bank, command), text(command, "name"), text(command, "phone"))
        with bank.books.writing() as connection:
            agreement = agreements.by_number(connection, merchant_id, agreement_no)
            agreements.present_card(connection, bank, agreement=agreement, holder=holder)
            fingerprint = holder.card.fingerprint
            agreements.sign(
                connection, bank, agreement=agreement, fingerprint=fingerprint, days=days
            )
        return answer({"agreement_no": agreement_no, "last4": holder.card.last4})

    @admin.post("/_sim/hush")
    def hush() -> Response:
        """Give up on every notice not delivered yet, as if the merchant had been away for days."""
        with bank.books.writing() as connection:
            given_up = connection.execute(
                "UPDATE notices SET state = 'GIVEN_UP' WHERE state = 'WAITING'"
            )
        return answer({"given_up": given_up.rowcount})


def _days(command: dict[str, Any]) -> float | None:
    """Read how long an agreement is to be in force; Refusal PARAM_ERROR."""
    days = command.get("valid_days")
    if days is None:
        return None
    if type(days) not in {int, float} or not 0 <= days <= 36_500:
        raise Refusal("PARAM_ERROR", "valid_days is not a number of days")
    return float(days)


def _card(bank: Bank, wish: Any) -> Card:
    """Take the wished test card out of the drawer; Refusal PARAM_ERROR."""
    if not isinstance(wish, dict):
        raise Refusal("PARAM_ERROR", "card is not an object")
    bin_, serial = wish.get("bin", "622168"), wish.get("serial", 1)
    if bin_ not in cards.products() or type(serial) is not int or serial < 0:
        raise Refusal("PARAM_ERROR", "no such test card")
    return cards.read(cards.number_for(bin_, serial=serial), bank.keys.secret)
