"""Paying an order: once, as it should be; late or twice, where a rule asks for it."""

from __future__ import annotations

import sqlite3

from payments.sandbox.clock import now_ms
from payments.sandbox.core import campaigns, cards, orders, takings
from payments.sandbox.core.bank import Bank, new_acquirer_no
from payments.sandbox.core.cards import Card
from payments.sandbox.faults import Point, Temper, strike
from payments.sandbox.refusals import Refusal


def pay(
    connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, card: Card | None
) -> None:
    """Move the money: order paid, merchant credited, notice written; all in one transaction.

    Raises Refusal INSUFFICIENT_FUNDS (by the card's temper) or ORDER_NOT_PAYABLE.
    """
    strike(Point.BEFORE_EXECUTE, card.temper if card else Temper.NORMAL, bank.settings)
    at = now_ms()
    _take_in(
        connection,
        bank,
        order=order,
        card=card,
        paid=connection.execute(
            "UPDATE orders SET status = 'SUCCESS', paid_ms = ?, received_minor = amount_minor"
            " WHERE id = ? AND status IN ('NOTPAY', 'USERPAYING') AND expires_ms > ?",
            (at, order["id"], at),
        ),
    )


def pay_late(connection: sqlite3.Connection, bank: Bank, order: sqlite3.Row) -> None:
    """Pay an order that was closed: her bank had taken the money and told nobody yet.

    Raises Refusal ORDER_NOT_PAYABLE for an order that is not closed.
    """
    _take_in(
        connection,
        bank,
        order=order,
        card=cards.read(cards.number_for("622168"), bank.keys.secret),
        paid=connection.execute(
            "UPDATE orders SET status = 'SUCCESS', paid_ms = ?, received_minor = amount_minor,"
            " failure_code = '' WHERE id = ? AND status IN ('CLOSED', 'PAYERROR')",
            (now_ms(), order["id"]),
        ),
    )


def _take_in(
    connection: sqlite3.Connection,
    bank: Bank,
    *,
    order: sqlite3.Row,
    card: Card | None,
    paid: sqlite3.Cursor,
) -> None:
    if paid.rowcount != 1:
        raise Refusal("ORDER_NOT_PAYABLE", "this order can no longer be paid", status=409)
    if card is not None:
        cards.remember(connection, card)
    connection.execute(
        "UPDATE orders SET fingerprint = ?, late_pay_ms = NULL WHERE id = ?",
        (card.fingerprint if card else None, order["id"]),
    )
    campaigns.apply(connection, order, card)
    order = orders.by_number(connection, order["merchant_id"], order["our_no"])
    takings.paid(connection, order, at_ms=now_ms())
    orders.tell(connection, bank, order=order, event="payment.succeeded")
    for _ in bank.rules.find(Point.PAY, kind="pay", numbers={order["our_no"]}):
        pay_again(connection, bank, order)


def pay_again(connection: sqlite3.Connection, bank: Bank, order: sqlite3.Row) -> None:
    """Take the same payer's money a second time under one order, under a number of its own.

    A discount is given a second time too. Raises Refusal ORDER_NOT_PAID for an order without a
    first payment.
    """
    added = connection.execute(
        "UPDATE orders SET received_minor = received_minor + amount_minor - discount_minor"
        " WHERE id = ? AND status = 'SUCCESS'",
        (order["id"],),
    )
    if added.rowcount != 1:
        raise Refusal("ORDER_NOT_PAID", "this order has not been paid once", status=409)
    order = orders.by_number(connection, order["merchant_id"], order["our_no"])
    campaigns.spend_again(connection, order)
    acquirer_no, at = new_acquirer_no("SB"), now_ms()
    connection.execute(
        "INSERT INTO further_payments (order_id, acquirer_no, amount_minor, paid_ms)"
        " VALUES (?, ?, ?, ?)",
        (order["id"], acquirer_no, order["amount_minor"] - order["discount_minor"], at),
    )
    takings.paid(connection, order, at_ms=at, acquirer_no=acquirer_no)
    orders.tell(connection, bank, order=order, event="payment.succeeded", acquirer_no=acquirer_no)


def pay_the_late(connection: sqlite3.Connection, bank: Bank) -> None:
    """Pay the closed orders a rule chose, each when its moment has come."""
    due = connection.execute(
        "SELECT * FROM orders WHERE late_pay_ms <= ? AND status IN ('CLOSED', 'PAYERROR')",
        (now_ms(),),
    ).fetchall()
    for order in due:
        if order["late_pay_ms"]:
            pay_late(connection, bank, order)
            continue
        struck = bank.rules.find(Point.CLOSE, kind="pay", numbers={order["our_no"]})
        at = now_ms() + int(struck[0].seconds(1) * 1000) if struck else None
        connection.execute("UPDATE orders SET late_pay_ms = ? WHERE id = ?", (at, order["id"]))
