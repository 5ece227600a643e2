"""Becoming a leader, being suspended, and the account the money goes to."""

from __future__ import annotations

from typing import Any

import structlog

from groupleader.models import Leader
from groupleader.sealing import seal
from payments.api import IllegalTransitionError, advance, now, transact

log = structlog.get_logger(__name__)


@transact()
def apply_as_leader(*, user: Any, name: str) -> Leader:
    """Ask to become a leader; asked twice it is one application."""
    leader, _created = Leader.objects.get_or_create(user=user, defaults={"name": name})
    return leader


@transact()
def activate_leader(*, leader: Leader) -> None:
    """Let a verified person lead. IllegalTransitionError if she does already."""
    _move(leader, Leader.Status.ACTIVE)


@transact()
def suspend_leader(*, leader: Leader) -> None:
    """Stop a leader's portal; what she has earned stays hers."""
    _move(leader, Leader.Status.SUSPENDED)


@transact()
def change_payee(*, leader: Leader, bank: str, holder: str, account: str) -> None:
    """Set the account payouts go to; the next payout waits out the cooling time.

    ValueError for a number that is no account number. The first account of a leader waits for
    nothing: there is none it could replace.
    """
    digits = account.replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise ValueError("an account number is 8 to 32 digits")
    leader.payee_changed_at = now() if leader.has_payee else None
    leader.payee_bank = bank.strip()
    leader.payee_name = holder.strip()
    leader.payee_account_sealed = seal(digits)
    leader.payee_last4 = digits[-4:]
    leader.save(
        update_fields=[
            "payee_bank",
            "payee_name",
            "payee_account_sealed",
            "payee_last4",
            "payee_changed_at",
        ]
    )
    log.info("leader.payee_changed", leader_id=leader.pk, last4=leader.payee_last4)


@transact()
def pause_payouts(*, leader: Leader) -> None:
    """Let payouts wait out the cooling time: bank or holder of her account were corrected."""
    if leader.has_payee:
        leader.payee_changed_at = now()
        leader.save(update_fields=["payee_changed_at"])
        log.info("leader.payee_corrected", leader_id=leader.pk)


def _move(leader: Leader, to: str) -> None:
    if not advance(leader, Leader.EDGES, to):
        raise IllegalTransitionError(to=to)
