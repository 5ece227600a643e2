"""The bank inside another process, without port or thread; and an older program's books."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder

from payments.sandbox import clock
from payments.sandbox.clerk import Clerk
from payments.sandbox.core import cards, orders, paying, receivers, refunds
from payments.sandbox.core.bank import Bank, open_bank
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.core.refunds import NewRefund
from payments.sandbox.notifier import Notifier
from payments.sandbox.program import open_program
from payments.sandbox.refusals import Refusal
from payments.sandbox.settings import Settings
from tests.payments.sandbox.merchant import Merchant

MERCHANT = "LINLI0001"


@pytest.fixture
def bank(tmp_path) -> Iterator[Bank]:
    yield open_bank(Settings(data=tmp_path, refund_delay_seconds=3600))
    clock.set_offset(0)


def pay(bank: Bank, our_no: str, then: Exception | None = None) -> None:
    """Open an order and pay it in one transaction; `then` undoes it all."""
    with bank.books.writing() as connection:
        order, _ = orders.place(
            connection,
            NewOrder(
                merchant_id=MERCHANT,
                our_no=our_no,
                way="cashier",
                amount_minor=19200,
                currency="CNY",
                subject="荔枝",
                return_url="",
                notify_url="http://127.0.0.1/notify",
                expires_ms=clock.now_ms() + 900_000,
            ),
        )
        card = cards.read(cards.number_for("622168"), bank.keys.secret)
        paying.pay(connection, bank, order=order, card=card)
        if then is not None:
            raise then


def test_notices_travel_by_any_way_and_time_passes_by_the_clock(bank):
    sent: list[str] = []

    def post(url: str, _body: bytes, _headers: object) -> tuple[int, bytes]:
        sent.append(url)
        return 200, b'{"code":"SUCCESS"}'

    clerk, notifier = Clerk(bank), Notifier(bank, post)
    pay(bank, "P0000001")
    with bank.books.writing() as connection:
        refunds.request(
            connection,
            bank,
            NewRefund(MERCHANT, "R0000001", "P0000001", 100, "CNY", "", "http://127.0.0.1/notify"),
        )
    for notice in notifier.due():
        notifier.deliver(notice)
    before = len(sent)
    clock.set_offset(3601)
    clerk.keep_books()
    for notice in notifier.due():
        notifier.deliver(notice)

    assert (before, len(sent)) == (1, 2)
    assert refunds.by_number(bank.books.connection, MERCHANT, "R0000001")["status"] == "SUCCESS"


def test_a_slow_answer_lets_the_rehearsals_own_time_pass(tmp_path):
    waited: list[float] = []
    program, bank = open_program(Settings(data=tmp_path), wait=waited.append)
    merchant = Merchant("", tmp_path / "keys")
    bank.rules.add({"fault": "delay", "kind": "pay", "args": {"seconds": 7}})
    bank.rules.add({"fault": "drop_after_execute", "kind": "pay"})

    headers = merchant.headers("GET", "/v1/orders/P0000009", b"")
    environ = EnvironBuilder("/v1/orders/P0000009", headers=headers).get_environ()
    program.wsgi_app(environ, lambda *_answer: None)

    assert waited == [7.0]
    assert environ["sandbox.hung_up"] is True


def test_a_rule_that_was_undone_never_struck(bank):
    rule = bank.rules.add({"fault": "double_pay", "number": "P0000002", "count": 1})

    with pytest.raises(LookupError):
        pay(bank, "P0000002", then=LookupError("undo"))

    (listed,) = bank.rules.listed()
    assert (listed["id"], listed["struck"], listed["count"]) == (rule, 0, 1)


def test_a_merchant_has_fifty_receivers_and_no_more(bank):
    def add(number: int) -> None:
        with bank.books.writing() as connection:
            receivers.add(
                connection,
                receivers.NewReceiver(MERCHANT, f"LEADER-{number:04d}", "王姐", "person"),
            )

    for number in range(50):
        add(number)

    with pytest.raises(Refusal) as caught:
        add(50)
    assert caught.value.code == "RECEIVERS_TOO_MANY"
    add(49)
    with bank.books.writing() as connection:
        receivers.remove(connection, MERCHANT, "LEADER-0000")
    add(50)


OLDER = """
CREATE TABLE merchants (merchant_id TEXT PRIMARY KEY, name TEXT NOT NULL,
    balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0)) STRICT;
INSERT INTO merchants VALUES ('LINLI0001', '邻里团', 7);
CREATE TABLE orders (id INTEGER PRIMARY KEY, merchant_id TEXT, our_no TEXT, acquirer_no TEXT,
    page_token TEXT, way TEXT, content_digest TEXT, amount_minor INTEGER, currency TEXT,
    subject TEXT, return_url TEXT, notify_url TEXT, status TEXT, refunded_minor INTEGER,
    created_ms INTEGER, expires_ms INTEGER, paid_ms INTEGER) STRICT;
INSERT INTO orders VALUES (1, 'LINLI0001', 'P0000003', 'SB1', 't1', 'cashier', 'd', 19200, 'CNY',
    'x', '', '', 'SUCCESS', 100, 1, 2, 2);
INSERT INTO orders VALUES (2, 'LINLI0001', 'P0000004', 'SB2', 't2', 'cashier', 'd', 5, 'CNY',
    'x', '', '', 'CLOSED', 0, 1, 2, NULL);
"""


def test_the_books_of_an_older_program_are_taken_over(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "sandbox.sqlite3")) as older:
        older.executescript(OLDER)

    bank = open_bank(Settings(data=tmp_path))
    again = open_bank(Settings(data=tmp_path))

    paid = orders.by_number(bank.books.connection, MERCHANT, "P0000003")
    closed = orders.by_number(again.books.connection, MERCHANT, "P0000004")
    assert (paid["status"], paid["received_minor"], paid["refunded_minor"]) == (
        "SUCCESS",
        19200,
        100,
    )
    assert (closed["status"], closed["received_minor"]) == ("CLOSED", 0)
    (balance,) = again.books.connection.execute("SELECT balance_minor FROM merchants").fetchone()
    assert balance == 7
