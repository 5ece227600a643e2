"""Charging cards: by agreement, at once or after a one-time code; at the cashier, after a code."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from payments.sandbox.core import agreements, campaigns, cards, codes, orders, paying
from payments.sandbox.core.bank import Bank
from payments.sandbox.core.orders import NewOrder
from payments.sandbox.faults import Point, Temper
from payments.sandbox.refusals import Refusal


def charge(
    connection: sqlite3.Connection, bank: Bank, *, new: NewOrder, token: str
) -> tuple[sqlite3.Row, Temper]:
    """Charge a tied card under the merchant's number; return the order and the card's temper.

    Refusals: AGREEMENT_NOT_ACTIVE, NUMBER_REUSED. A declined card is no refusal: the order says so.
    """
    agreement = agreements.by_token(connection, new.merchant_id, token)
    new = replace(new, agreement_no=agreement["agreement_no"])
    order, is_new = orders.place(connection, new)
    card = cards.recall(connection, agreement["fingerprint"])
    if card is None:
        raise Refusal("AGREEMENT_NOT_ACTIVE", "the agreement has no card", status=422)
    if is_new:
        if not agreements.is_in_force(agreement):
            raise Refusal("AGREEMENT_NOT_ACTIVE", "the agreement has ended", status=422)
        if card.temper is Temper.ASKS_CODE:
            _ask_code(connection, bank, order=order, phone=agreement["phone"], card=card)
        else:
            _execute(connection, bank, order=order, card=card)
    return orders.by_number(connection, new.merchant_id, new.our_no), card.temper


def heed_revocation(bank: Bank, *, new: NewOrder, token: str) -> None:
    """Let the card's owner revoke the agreement just before a first charge, where a rule says so.

    In a transaction of its own: the refusal that follows undoes the charge, not the revocation.
    """
    with bank.books.writing() as connection:
        if orders.find(connection, new.merchant_id, new.our_no) is not None:
            return
        agreement = agreements.by_token(connection, new.merchant_id, token)
        numbers = {new.our_no, agreement["agreement_no"]}
        if bank.rules.find(Point.CHARGE, kind="pay", numbers=numbers):
            agreements.revoke(connection, agreement)


def _execute(
    connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, card: cards.Card
) -> None:
    try:
        paying.pay(connection, bank, order=order, card=card)
    except Refusal as declined:
        orders.decline(connection, order, declined.code)


def _ask_code(
    connection: sqlite3.Connection,
    bank: Bank,
    *,
    order: sqlite3.Row,
    phone: str,
    card: cards.Card,
) -> None:
    orders.await_code(connection, order, phone)
    codes.send(connection, bank, errand_for(connection, bank, order=order, phone=phone, card=card))


def purpose_of(order: sqlite3.Row) -> str:
    """Name what a payment's one-time code is for."""
    return f"pay:{order['page_token']}"


def errand_for(
    connection: sqlite3.Connection, bank: Bank, *, order: sqlite3.Row, phone: str, card: cards.Card
) -> codes.Errand:
    """Write the errand of a payment's code, with amount, bank's discount and card in its words."""
    saved = campaigns.expected_minor(connection, order, card)
    bonus = f"，银行优惠 {_yuan(saved)} 元" if saved else ""
    words = (
        f"您正在向「{bank.settings.merchant_name}」支付 {_yuan(order['amount_minor'] - saved)} 元"
        f"{bonus}（尾号 {card.last4}）"
    )
    return codes.Errand(purpose_of(order), phone, card.fingerprint, words)


def _yuan(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def present_card(
    connection: sqlite3.Connection,
    bank: Bank,
    *,
    order: sqlite3.Row,
    holder: agreements.Holder,
) -> None:
    """Take a card at the cashier and send the code; the order stays open for another card."""
    if order["status"] not in {"NOTPAY", "USERPAYING"}:
        raise Refusal("ORDER_NOT_PAYABLE", "this order can no longer be paid", status=409)
    cards.remember(connection, holder.card)
    errand = errand_for(connection, bank, order=order, phone=holder.phone, card=holder.card)
    codes.send(connection, bank, errand)


def resend_code(connection: sqlite3.Connection, bank: Bank, order: sqlite3.Row) -> None:
    """Send the code of a payment again to the phone it went to."""
    sent = codes.current(connection, purpose_of(order))
    card = cards.recall(connection, sent["fingerprint"]) if sent is not None else None
    if sent is None or card is None:
        raise Refusal("CODE_MISSING", "ask for a code first")
    errand = errand_for(connection, bank, order=order, phone=sent["phone"], card=card)
    codes.send(connection, bank, errand)


def pay_with_code(bank: Bank, order: sqlite3.Row, typed: str) -> None:
    """Check the typed code and pay with the card it was sent for.

    Refusals of codes.try_code, INSUFFICIENT_FUNDS, ORDER_NOT_PAYABLE; the order stays open.
    """
    sent = codes.try_code(bank, purpose_of(order), typed)
    with bank.books.writing() as connection:
        card = cards.recall(connection, sent["fingerprint"])
        paying.pay(connection, bank, order=order, card=card)
