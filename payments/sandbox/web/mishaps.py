"""What goes wrong around a request: slow, dropped, garbled, forged, too late, too early."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

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

    @classmethod
    def by(cls, request: Request) -> Asked:
        """Look at a request; one that cannot be read names no numbers."""
        template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(request.url_rule or request.path))
        named = {**_fields(request.get_data()), **(request.view_args or {})}
        numbers = {name: str(named[name]) for name in _NUMBERS if named.get(name)}
        return cls(
            route=f"{request.method} {template}",
            kind=KINDS.get(template.split("/")[2], ""),
            numbers=frozenset(numbers.values()),
            payment_no=numbers.get("our_no", ""),
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


def after_execution(bank: Bank, asked: Asked, response: Response) -> list[Strike]:
    """Let rules act on what was executed and its answer, before the answer is signed.

    Returns the strikes that are left for `after_signing`.
    """
    left = []
    for strike in _struck(bank, Point.AFTER_EXECUTE, asked):
        if strike.fault == "delay_after_execute":
            bank.wait(strike.seconds(1))
        elif strike.fault == "notify_before_response":
            _notify_first(bank, asked, strike)
        elif strike.fault in _TAMPERS:
            _TAMPERS[strike.fault](bank, asked, response, strike)
        else:
            left.append(strike)
    return left


def after_signing(request: Request, response: Response, left: list[Strike]) -> Response:
    """Spoil the signature, or hang up without an answer, where rules say so."""
    for strike in left:
        if strike.fault == "drop_after_execute":
            return _hung_up(request)
        signature = response.headers["Sandbox-Signature"]
        response.headers["Sandbox-Signature"] = spoiled(signature)
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


def _say_instead(response: Response, body: bytes) -> None:
    response.set_data(body)
    g.pop("body_sha256", None)  # of a bill that is not sent now


def _fail(_bank: Bank, _asked: Asked, response: Response, _strike: Strike) -> None:
    response.status_code = 500
    _say_instead(response, as_json({"code": "SYSTEM_ERROR", "message": "ask what became of it"}))


def _garble(_bank: Bank, _asked: Asked, response: Response, _strike: Strike) -> None:
    _say_instead(response, _GARBAGE)


def _tamper(_bank: Bank, _asked: Asked, response: Response, strike: Strike) -> None:
    """Change the amount by args.minor; a split's is that of its first share."""
    data = _fields(response.get_data())
    holder = (data.get("shares") or [data])[0]
    if isinstance(holder.get("amount"), dict):
        holder["amount"]["minor"] += strike.whole("minor", 1)
        _say_instead(response, as_json(data))


def _speak_of_another(bank: Bank, asked: Asked, response: Response, _strike: Strike) -> None:
    """Answer about another order: the newest other one, or the same under a made-up number."""
    data = _fields(response.get_data())
    connection = bank.books.connection
    other = connection.execute(
        "SELECT * FROM orders WHERE our_no <> ? ORDER BY id DESC LIMIT 1", (asked.payment_no,)
    ).fetchone()
    if asked.kind == "pay" and other is not None:
        data = orders.view(connection, bank, other)
        response.status_code = 200
    else:
        name = next((name for name in _NUMBERS if name in data), "our_no")
        data[name] = f"OTHER{str(data.get(name, ''))[5:]}"
    _say_instead(response, as_json(data))


_TAMPERS: Final = {
    "http_500_after_execute": _fail,
    "garbage_body": _garble,
    "amount_tamper": _tamper,
    "response_for_other_order": _speak_of_another,
}


def _notify_first(bank: Bank, asked: Asked, strike: Strike) -> None:
    """Let the notice arrive before the answer; an order at the cashier is paid at once for it."""
    with bank.books.writing() as connection:
        if asked.route == "POST /v1/orders":
            _pay_at_once(connection, bank, asked.payment_no)
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


def _pay_at_once(connection: sqlite3.Connection, bank: Bank, our_no: str) -> None:
    card = cards.read(cards.number_for("622168"), bank.keys.secret)
    with contextlib.suppress(Refusal):
        order = orders.by_number(connection, bank.settings.merchant_id, our_no)
        paying.pay(connection, bank, order=order, card=card)


def _was_told(bank: Bank, asked: Asked) -> bool:
    marks = ",".join("?" * len(asked.numbers))
    row = bank.books.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM notices WHERE attempts > 0 AND business_no IN ({marks}))",  # noqa: S608 - question marks only
        tuple(asked.numbers),
    ).fetchone()
    return bool(row[0])
