"""What goes wrong around a request: slow, dropped, garbled, forged, too late, too early."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
from dataclasses import dataclass
from typing import Any, Final, Protocol

from flask import Request, Response, g

from payments.sandbox.clock import now_ms
from payments.sandbox.core import cards, orders, paying
from payments.sandbox.core.bank import Bank
from payments.sandbox.faults import Point
from payments.sandbox.refusals import Refusal
from payments.sandbox.rules import Strike
from payments.sandbox.signatures import as_json, spoiled

# What a request is about, by the first part of its path, as rules name it.
KINDS: Final = {
    "orders": "pay",
    "agreement-payments": "pay",
    "refunds": "refund",
    "agreements": "agreement",
    "receivers": "receiver",
    "splits": "split",
    "split-returns": "split_return",
    "transfers": "transfer",
    "bills": "bill",
    "messages": "message",
}
_NUMBERS: Final = (
    "refund_no",
    "return_no",
    "split_no",
    "transfer_no",
    "agreement_no",
    "our_no",
)
# What is carried out later, so that its notice can be hurried: kind to table and number.
_PROMISED: Final = {
    "refund": ("refunds", "refund_no"),
    "transfer": ("transfers", "transfer_no"),
    "split": ("splits", "split_no"),
    "split_return": ("split_returns", "return_no"),
}
_LOOK_SECONDS: Final = 0.02
_GARBAGE: Final = "<html><body><h1>502 Bad Gateway</h1>系统繁忙".encode("gb18030")


@dataclass(frozen=True, slots=True)
class Asked:
    """An admitted request as rules see it: route template, business kind, numbers it names."""

    route: str
    kind: str
    numbers: frozenset[str]
    payment_no: str
    merchant_id: str
    # Whether it opens an order for a payer to pay by herself.
    opens_order: bool = False

    @classmethod
    def by(cls, request: Request, merchant_id: str) -> Asked:
        """Look at a request; one that cannot be read names no numbers."""
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(request.url_rule or request.path))
        named = {**_fields(request.get_data()), **(request.view_args or {})}
        numbers = {name: str(named[name]) for name in _NUMBERS if named.get(name)}
        return cls(
            route=f"{request.method} {template}",
            kind=KINDS.get(template.split("/")[2], ""),
            numbers=frozenset(numbers.values()),
            payment_no=numbers.get("our_no", ""),
            merchant_id=merchant_id,
            opens_order=template == "/v1/orders" and request.method == "POST",
        )


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def before_execution(bank: Bank, request: Request, asked: Asked) -> Response | None:
    """Let rules act before anything is executed; an answer here means that nothing is."""
    for strike in _struck(bank, Point.BEFORE_EXECUTE, asked):
        if strike.fault == "delay":
            bank.wait(strike.seconds(1))
        else:
            return _hung_up(request)
    return None


class Manner(Protocol):
    """How the answers of one protocol are spoiled; each method changes the response given."""

    def fail(self, response: Response) -> None:
        """Answer 500, though the request was executed."""
        ...

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amount it speaks of."""
        ...

    def speak_of_another(self, response: Response, asked: Asked, other: sqlite3.Row | None) -> None:
        """Speak of this other order, or of the same under a made-up number."""
        ...

    def spoil_signature(self, response: Response) -> None:
        """Make a signature that does not fit, where answers are signed at all."""
        ...


def after_execution(
    bank: Bank, asked: Asked, response: Response, *, manner: Manner
) -> list[Strike]:
    """Let rules act on what was executed and its answer, before the answer is signed.

    Returns the strikes that are left for `after_signing`.
    """
    left = []
    for strike in _struck(bank, Point.AFTER_EXECUTE, asked):
        if strike.fault == "delay_after_execute":
            bank.wait(strike.seconds(1))
        elif strike.fault == "notify_before_response":
            _notify_first(bank, asked, strike)
        elif strike.fault == "http_500_after_execute":
            manner.fail(response)
        elif strike.fault == "garbage_body":
            say_instead(response, _GARBAGE)
        elif strike.fault == "amount_tamper":
            manner.add_to_amount(response, strike.whole("minor", 1))
        elif strike.fault == "response_for_other_order":
            manner.speak_of_another(response, asked, _another(bank, asked))
        else:
            left.append(strike)
    return left


def after_signing(
    request: Request, response: Response, left: list[Strike], *, manner: Manner
) -> Response:
    """Spoil the signature, or hang up without an answer, where rules say so."""
    for strike in left:
        if strike.fault == "drop_after_execute":
            return _hung_up(request)
        manner.spoil_signature(response)
    return response


def _struck(bank: Bank, point: Point, asked: Asked) -> list[Strike]:
    return bank.rules.find(point, kind=asked.kind, numbers=asked.numbers, route=asked.route)


def _hung_up(request: Request) -> Response:
    """Close the line without a word; who serves us without a socket finds sandbox.hung_up."""
    request.environ["sandbox.hung_up"] = True
    line = request.environ.get("gunicorn.socket")
    if isinstance(line, socket.socket):
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def say_instead(response: Response, body: bytes) -> None:
    """Put another body in the answer's place."""
    response.set_data(body)
    g.pop("body_sha256", None)  # of a bill that is not sent now


def _another(bank: Bank, asked: Asked) -> sqlite3.Row | None:
    """Find the newest other order of the merchant, for an answer that speaks of it."""
    if asked.kind != "pay":
        return None
    found: sqlite3.Row | None = bank.books.connection.execute(
        "SELECT * FROM orders WHERE our_no <> ? AND merchant_id = ? ORDER BY id DESC LIMIT 1",
        (asked.payment_no, asked.merchant_id),
    ).fetchone()
    return found


class OwnManner:
    """The bank's own protocol: JSON, and a signature in a header."""

    def __init__(self, bank: Bank) -> None:
        """Take the books answers are written from."""
        self._bank = bank

    def fail(self, response: Response) -> None:
        """Answer 500."""
        response.status_code = 500
        say_instead(response, as_json({"code": "SYSTEM_ERROR", "message": "ask what became of it"}))

    def add_to_amount(self, response: Response, minor: int) -> None:
        """Change the amount; a split's is that of its first share."""
        data = _fields(response.get_data())
        holder = (data.get("shares") or [data])[0]
        if isinstance(holder.get("amount"), dict):
            holder["amount"]["minor"] += minor
            say_instead(response, as_json(data))

    def speak_of_another(self, response: Response, asked: Asked, other: sqlite3.Row | None) -> None:
        """Answer about the other order, or about a made-up number."""
        del asked
        data = _fields(response.get_data())
        if other is not None:
            data = orders.view(self._bank.books.connection, self._bank, other)
            response.status_code = 200
        else:
            name = next((name for name in _NUMBERS if name in data), "our_no")
            data[name] = f"OTHER{str(data.get(name, ''))[5:]}"
        say_instead(response, as_json(data))

    def spoil_signature(self, response: Response) -> None:
        """Spoil the header."""
        signature = response.headers["Sandbox-Signature"]
        response.headers["Sandbox-Signature"] = spoiled(signature)


def _notify_first(bank: Bank, asked: Asked, strike: Strike) -> None:
    """Let the notice arrive before the answer; an order at the cashier is paid at once for it."""
    with bank.books.writing() as connection:
        if asked.opens_order:
            _pay_at_once(connection, bank, asked)
        elif asked.kind in _PROMISED:
            table, column = _PROMISED[asked.kind]
            for number in asked.numbers:
                connection.execute(
                    f"UPDATE {table} SET due_ms = ? WHERE {column} = ?",  # noqa: S608 - ours
                    (now_ms(), number),
                )
    for _ in range(int(strike.seconds(2) / _LOOK_SECONDS)):
        if _was_told(bank, asked):
            return
        bank.bell.set()
        bank.wait(_LOOK_SECONDS)


def _pay_at_once(connection: sqlite3.Connection, bank: Bank, asked: Asked) -> None:
    card = cards.read(cards.number_for("622168"), bank.keys.secret)
    with contextlib.suppress(Refusal):
        order = orders.by_number(connection, asked.merchant_id, asked.payment_no)
        paying.pay(connection, bank, order=order, card=card)


def _was_told(bank: Bank, asked: Asked) -> bool:
    marks = ",".join("?" * len(asked.numbers))
    row = bank.books.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM notices WHERE attempts > 0 AND business_no IN ({marks}))",  # noqa: S608 - question marks only
        tuple(asked.numbers),
    ).fetchone()
    return bool(row[0])
