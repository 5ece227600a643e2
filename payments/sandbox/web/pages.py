"""The payers' pages: home, cashier, scan, signing, one-time code, messages."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from payments.sandbox.core import cards, texts
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.cards import Product
from payments.sandbox.faults import Temper
from payments.sandbox.refusals import Refusal
from payments.sandbox.web.answers import answer
from payments.sandbox.web.cashier import cashier_routes
from payments.sandbox.web.mine import owner_routes
from payments.sandbox.web.pen import Pen
from payments.sandbox.web.signing import signing_routes

logger = logging.getLogger(__name__)

# BIN and temper of the cards shown to people; any other serial number makes another card.
SHOWN_CARDS = (
    ("622168", Temper.NORMAL),
    ("621700", Temper.NORMAL),
    ("622188", Temper.NORMAL),
    ("622600", Temper.NORMAL),
    ("436745", Temper.NORMAL),
    ("622168", Temper.ASKS_CODE),
    ("622168", Temper.DECLINED),
    ("622168", Temper.SLOW),
    ("622168", Temper.SILENT),
)


def payers_pages(bank: Bank) -> Blueprint:
    """Build all pages of one bank."""
    pages = Blueprint("pages", __name__)
    pen = Pen(bank)

    @pages.app_context_processor
    def always_at_hand() -> dict[str, object]:
        return {**pen.common(), "shown_cards": _shown_cards(pen)}

    @pages.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        page = pen.write("notice.html", title="not_found_title", text="not_found_text")
        return make_response(page, refusal.status)

    @pages.after_request
    def ring(response: Response) -> Response:
        if request.method == "POST":
            bank.bell.set()
        return response

    _plain_routes(pages, bank, pen)
    cashier_routes(pages, bank, pen)
    signing_routes(pages, bank, pen)
    owner_routes(pages, bank, pen)
    return pages


def _shown_cards(pen: Pen) -> list[dict[str, str]]:
    return [_shown(pen, cards.products()[bin_], temper) for bin_, temper in SHOWN_CARDS]


def _shown(pen: Pen, product: Product, temper: Temper) -> dict[str, str]:
    number = cards.number_for(product.bin, temper)
    issuer = cards.ISSUER_NAMES[product.issuer_code][0 if pen.language == "zh" else 1]
    kind, scheme = pen.say(product.kind), pen.say(product.scheme)
    return {
        "number": number,
        "grouped": " ".join(number[at : at + 4] for at in range(0, len(number), 4)),
        "name": f"{issuer} {kind}",
        "scheme": scheme,
        "temper": pen.say(f"temper_{temper.value}"),
        "is_odd": "" if temper is Temper.NORMAL else "yes",
    }


def _plain_routes(pages: Blueprint, bank: Bank, pen: Pen) -> None:
    @pages.get("/")
    def home() -> str:
        return pen.write("home.html")

    @pages.get("/messages")
    def messages() -> AnyResponse | str:
        phone = request.args.get("phone", "").strip()[:20]
        found = texts.newest(bank.books.connection, phone)
        return pen.write("messages.html", phone=phone, texts=[pen.text_view(row) for row in found])

    @pages.get("/messages.json")
    def messages_json() -> Response:
        phone = request.args.get("phone", "").strip()[:20]
        found = texts.newest(bank.books.connection, phone)
        return answer({"messages": [pen.text_view(row) for row in found]})

    @pages.get("/favicon.ico")
    def favicon() -> AnyResponse:
        return redirect("/static/mark.svg")
