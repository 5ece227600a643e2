"""Acting as the payer, for tests and rehearsals; only there when the bank was started with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from payments.sandbox import clock
from payments.sandbox.core import agreements, cards, orders
from payments.sandbox.core.agreements import Holder
from payments.sandbox.core.bank import Bank
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.api import answer, refusal_answer


def simulation(bank: Bank) -> Blueprint:
    """Build the payer's shortcut of one bank."""
    routes = Blueprint("simulation", __name__, url_prefix="/_sim")

    @routes.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        return refusal_answer(refusal)

    @routes.post("/pay/<our_no>")
    def pay(our_no: str) -> Response:
        card = cards.read(cards.number_for("622168"), bank.keys.secret)
        with bank.books.writing() as connection:
            order = orders.by_number(connection, bank.settings.merchant_id, our_no)
            orders.pay(connection, bank, order=order, card=card)
            paid = orders.by_number(connection, bank.settings.merchant_id, our_no)
            shown = orders.view(connection, bank, paid)
        bank.bell.set()
        return answer(shown)

    @routes.post("/sign/<agreement_no>")
    def sign(agreement_no: str) -> Response:
        """Sign with a test card: {"bin": "622168", "serial": 7, "name": …, "phone": …}."""
        said = _said()
        number = cards.number_for(str(said["bin"]), serial=int(said.get("serial", 1)))
        holder = Holder(
            card=cards.read(number, bank.keys.secret),
            name=str(said["name"]),
            phone=str(said["phone"]),
        )
        with bank.books.writing() as connection:
            merchant_id = bank.settings.merchant_id
            agreement = agreements.by_number(connection, merchant_id, agreement_no)
            agreements.present_card(connection, bank, agreement=agreement, holder=holder)
            agreements.sign(connection, agreement, holder.card.fingerprint)
        bank.bell.set()
        return answer({"agreement_no": agreement_no, "last4": holder.card.last4})

    @routes.post("/clock")
    def set_clock() -> Response:
        """Move the bank's clock: {"offset_seconds": -86400} is yesterday."""
        seconds = int(_said()["offset_seconds"])
        clock.set_offset(seconds)
        return answer({"offset_seconds": seconds})

    @routes.post("/hush")
    def hush() -> Response:
        """Give up on every notice not delivered yet, as if the merchant had been away for days."""
        with bank.books.writing() as connection:
            given_up = connection.execute(
                "UPDATE notices SET state = 'GIVEN_UP' WHERE state = 'WAITING'"
            )
        return answer({"given_up": given_up.rowcount})

    return routes


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True)
    if not isinstance(said, dict):
        raise Refusal("PARAM_ERROR", "a JSON object is needed")
    return said
