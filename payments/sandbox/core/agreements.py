"""Agreements (绑卡签约): a card's owner lets a merchant charge it; the merchant gets a token."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from payments.sandbox.clock import now_ms, to_text
from payments.sandbox.core import cards, codes, notices, texts
from payments.sandbox.core.bank import Bank, new_page_token
from payments.sandbox.core.cards import Card
from payments.sandbox.refusals import Refusal

SIGNING_LIFETIME_MS: Final = 1_800_000


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What a merchant asks to have signed."""

    merchant_id: str
    agreement_no: str
    owner_ref: str
    return_url: str
    notify_url: str
    holder_phone: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who signs: the card, the name on it, the phone the bank knows."""

    card: Card
    name: str
    phone: str


def start(connection: sqlite3.Connection, new: NewAgreement) -> sqlite3.Row:
    """Open a signing, or find it again. Refusal NUMBER_REUSED."""
    known = find(connection, new.merchant_id, new.agreement_no)
    if known is not None:
        if known["owner_ref"] != new.owner_ref:
            raise Refusal("NUMBER_REUSED", "this number stands for another owner", status=409)
        return known
    at = now_ms()
    connection.execute(
        "INSERT INTO agreements (merchant_id, agreement_no, page_token, status, owner_ref,"
        " return_url, notify_url, phone, created_ms, expires_ms)"
        " VALUES (?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, ?)",
        (
            new.merchant_id,
            new.agreement_no,
            new_page_token(),
            new.owner_ref,
            new.return_url,
            new.notify_url,
            texts.local_number(new.holder_phone),
            at,
            at + SIGNING_LIFETIME_MS,
        ),
    )
    return by_number(connection, new.merchant_id, new.agreement_no)


def find(connection: sqlite3.Connection, merchant_id: str, agreement_no: str) -> sqlite3.Row | None:
    """Return an agreement by the merchant's number; a signing whose time is over expires first."""
    query = "SELECT * FROM agreements WHERE merchant_id = ? AND agreement_no = ?"
    row: sqlite3.Row | None = connection.execute(query, (merchant_id, agreement_no)).fetchone()
    is_unsigned = row is not None and row["status"] in {"PENDING", "CODE_SENT"}
    if row is not None and is_unsigned and row["expires_ms"] <= now_ms():
        _abandon(connection, row["id"])
        row = connection.execute(query, (merchant_id, agreement_no)).fetchone()
    return row


def _abandon(connection: sqlite3.Connection, agreement_id: int) -> None:
    connection.execute(
        "UPDATE agreements SET status = 'EXPIRED', ended_ms = ?"
        " WHERE id = ? AND status IN ('PENDING', 'CODE_SENT')",
        (now_ms(), agreement_id),
    )


def by_number(connection: sqlite3.Connection, merchant_id: str, agreement_no: str) -> sqlite3.Row:
    """Return an agreement by the merchant's number, or Refusal AGREEMENT_NOT_FOUND."""
    row = find(connection, merchant_id, agreement_no)
    if row is None:
        raise Refusal("AGREEMENT_NOT_FOUND", "no such agreement", status=404)
    return row


def by_page(connection: sqlite3.Connection, page_token: str) -> sqlite3.Row:
    """Return an agreement by the secret of its page, or Refusal PAGE_NOT_FOUND."""
    row = connection.execute(
        "SELECT * FROM agreements WHERE page_token = ?", (page_token,)
    ).fetchone()
    if row is None:
        raise Refusal("PAGE_NOT_FOUND", "no such page", status=404)
    return by_number(connection, row["merchant_id"], row["agreement_no"])


def by_token(connection: sqlite3.Connection, merchant_id: str, token: str) -> sqlite3.Row:
    """Return an agreement by its token, whatever its state, or Refusal AGREEMENT_NOT_ACTIVE."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM agreements WHERE merchant_id = ? AND token = ?", (merchant_id, token)
    ).fetchone()
    if row is None:
        raise Refusal("AGREEMENT_NOT_ACTIVE", "no such agreement is in force", status=422)
    return row


def is_in_force(agreement: sqlite3.Row) -> bool:
    """Tell whether the merchant may charge by this agreement now."""
    until_ms = agreement["valid_until_ms"]
    return agreement["status"] == "ACTIVE" and (until_ms is None or until_ms > now_ms())


def purpose_of(agreement: sqlite3.Row) -> str:
    """Name what a signing's one-time code is for."""
    return f"sign:{agreement['page_token']}"


def present_card(
    connection: sqlite3.Connection, bank: Bank, *, agreement: sqlite3.Row, holder: Holder
) -> None:
    """Take card, name and phone from the signing page, and send the code."""
    cards.remember(connection, holder.card)
    moved = connection.execute(
        "UPDATE agreements SET status = 'CODE_SENT', fingerprint = ?, holder = ?, phone = ?"
        " WHERE id = ? AND status IN ('PENDING', 'CODE_SENT')",
        (holder.card.fingerprint, holder.name, holder.phone, agreement["id"]),
    )
    if moved.rowcount != 1:
        raise Refusal("SIGNING_OVER", "this signing is over", status=409)
    send_code(connection, bank, by_page(connection, agreement["page_token"]))


def send_code(connection: sqlite3.Connection, bank: Bank, agreement: sqlite3.Row) -> None:
    """Send the signing's code (again)."""
    card = cards.recall(connection, agreement["fingerprint"])
    if card is None or agreement["status"] != "CODE_SENT":
        raise Refusal("SIGNING_OVER", "this signing is over", status=409)
    words = f"您正在为「{bank.settings.merchant_name}」签约快捷支付（尾号 {card.last4}）"
    errand = codes.Errand(purpose_of(agreement), agreement["phone"], card.fingerprint, words)
    codes.send(connection, bank, errand)


def sign(
    connection: sqlite3.Connection,
    bank: Bank,
    *,
    agreement: sqlite3.Row,
    fingerprint: str,
    days: float | None = None,
) -> None:
    """Put an agreement in force for the card its code was sent for, and tell the merchant.

    It is in force for so many days, or as long as the bank's agreements usually are; 0 is for ever.
    """
    days = bank.settings.agreement_days if days is None else days
    at, lifetime_ms = now_ms(), int(days * 86_400_000)
    signed = connection.execute(
        "UPDATE agreements SET status = 'ACTIVE', token = ?, signed_ms = ?, valid_until_ms = ?"
        " WHERE id = ? AND status = 'CODE_SENT' AND fingerprint = ?",
        (
            f"TK{secrets.token_hex(20)}",
            at,
            at + lifetime_ms if lifetime_ms else None,
            agreement["id"],
            fingerprint,
        ),
    )
    if signed.rowcount != 1:
        raise Refusal("SIGNING_OVER", "this signing is over", status=409)
    _tell(connection, agreement, "agreement.signed")


def unbind(connection: sqlite3.Connection, agreement: sqlite3.Row) -> None:
    """End an agreement; ending it again changes nothing."""
    _abandon(connection, agreement["id"])
    revoke(connection, agreement, by="merchant")


def revoke(connection: sqlite3.Connection, agreement: sqlite3.Row, *, by: str = "owner") -> None:
    """Take a signed agreement back (by owner, merchant or issuer); tell the merchant."""
    ended = connection.execute(
        "UPDATE agreements SET status = 'REVOKED', ended_ms = ?, ended_by = ?"
        " WHERE id = ? AND status IN ('ACTIVE', 'SUSPENDED')",
        (now_ms(), by, agreement["id"]),
    )
    if ended.rowcount == 1:
        _tell(connection, agreement, "agreement.revoked")


def suspend(connection: sqlite3.Connection, agreement: sqlite3.Row) -> None:
    """Let the issuer stop charges for the time being; tell the merchant."""
    stopped = connection.execute(
        "UPDATE agreements SET status = 'SUSPENDED' WHERE id = ? AND status = 'ACTIVE'",
        (agreement["id"],),
    )
    if stopped.rowcount == 1:
        _tell(connection, agreement, "agreement.suspended")


def resume(connection: sqlite3.Connection, agreement: sqlite3.Row) -> None:
    """Let charges go on after a suspension; tell the merchant."""
    resumed = connection.execute(
        "UPDATE agreements SET status = 'ACTIVE' WHERE id = ? AND status = 'SUSPENDED'",
        (agreement["id"],),
    )
    if resumed.rowcount == 1:
        _tell(connection, agreement, "agreement.resumed")


def expire(connection: sqlite3.Connection, agreement: sqlite3.Row) -> None:
    """Let an agreement in force run out, as when its card does; tell the merchant."""
    ended = connection.execute(
        "UPDATE agreements SET status = 'EXPIRED', ended_ms = ?"
        " WHERE id = ? AND status IN ('ACTIVE', 'SUSPENDED')",
        (now_ms(), agreement["id"]),
    )
    if ended.rowcount == 1:
        _tell(connection, agreement, "agreement.expired")


def expire_due(connection: sqlite3.Connection) -> None:
    """Let every agreement run out whose time is over."""
    due = connection.execute(
        "SELECT * FROM agreements WHERE status IN ('ACTIVE', 'SUSPENDED') AND valid_until_ms <= ?",
        (now_ms(),),
    ).fetchall()
    for agreement in due:
        expire(connection, agreement)


def _tell(connection: sqlite3.Connection, agreement: sqlite3.Row, event: str) -> None:
    now = by_number(connection, agreement["merchant_id"], agreement["agreement_no"])
    notices.enqueue(
        connection,
        event_type=event,
        business_no=now["agreement_no"],
        order=now,
        resource=view(connection, now),
    )


def view(
    connection: sqlite3.Connection, agreement: sqlite3.Row, base_url: str = ""
) -> dict[str, object]:
    """Describe an agreement to its merchant; the page's address only while it can be used."""
    is_open = agreement["status"] in {"PENDING", "CODE_SENT"} and base_url
    is_signed = agreement["token"] is not None
    card = cards.recall(connection, agreement["fingerprint"]) if is_signed else None
    return {
        "merchant_id": agreement["merchant_id"],
        "agreement_no": agreement["agreement_no"],
        "status": agreement["status"],
        "token": agreement["token"] or "",
        "card": cards.described(card),
        "holder_mask": agreement["holder"][:1] + "*" if is_signed else "",
        "phone_mask": masked_phone(agreement["phone"]) if is_signed else "",
        "created_at": to_text(agreement["created_ms"]),
        "expires_at": to_text(agreement["valid_until_ms" if is_signed else "expires_ms"]),
        "signed_at": to_text(agreement["signed_ms"]),
        "ended_at": to_text(agreement["ended_ms"]),
        "ended_by": agreement["ended_by"],
        "sign_url": f"{base_url}/sign/{agreement['page_token']}" if is_open else "",
    }


def masked_phone(phone: str) -> str:
    """Hide the middle of a phone number."""
    return f"{phone[:-8]}****{phone[-4:]}" if len(phone) >= 8 else "****"
