"""What leaders are told about their money: paid, refused, sent back, and a changed account."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings

from mall.messaging.sending import Note, send, send_many

Payload = dict[str, Any]
# Failures that she can mend herself by another account.
_OF_THE_ACCOUNT: Final = frozenset(
    {
        "payee_account_invalid",
        "payee_name_differs",
        "payee_account_closed",
        "payee_account_blocked",
    }
)


def payout_paid(payload: Payload) -> None:
    """The bank paid her statement."""
    _tell("payout.paid", payload)


def payout_failed(payload: Payload) -> None:
    """The bank refused; where it was the account, she is asked for another."""
    is_account = payload["code"] in _OF_THE_ACCOUNT
    _tell("payout.account_refused" if is_account else "payout.failed", payload)


def payout_returned(payload: Payload) -> None:
    """Her bank sent the money back."""
    _tell("payout.returned", payload)


def payee_changed(payload: Payload) -> None:
    """Her account was changed: both accounts are named, and the door if it was not her."""
    if payload["user_id"] is None:
        return
    send(
        "payee.changed",
        key=payload["link"],
        user_id=payload["user_id"],
        values={
            "old": payload["old"] or "–",
            "new": payload["new"],
            "url": settings.SITE_URL + payload["link"],
        },
        link=payload["link"],
    )


def payee_denied(payload: Payload) -> None:
    """Somebody said that a change was not hers: staff who decide about accounts are called."""
    values = {"name": payload["name"], "old": payload["old"] or "–", "new": payload["new"]}
    send_many(
        "payee.denied",
        [
            Note(
                key=f"{payload['link']}:{user_id}",
                user_id=user_id,
                values=values,
                link=payload["link"],
            )
            for user_id in payload["staff_ids"]
        ],
    )


def _tell(kind: str, payload: Payload) -> None:
    if payload["user_id"] is None:
        return
    send(
        kind,
        key=payload["payout_no"],
        user_id=payload["user_id"],
        values={
            "amount_minor": payload["amount_minor"],
            "account": payload["account"],
            "number": payload["statement_no"],
        },
        link=payload["link"],
    )
