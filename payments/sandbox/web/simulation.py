"""Acting as the payer, for tests and rehearsals; only there when the bank was started with it."""

from __future__ import annotations

from flask import Blueprint, Response

from payments.sandbox.core import cards, orders
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

    return routes
