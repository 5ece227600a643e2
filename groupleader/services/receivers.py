"""Where the acquirer sends somebody's shares: proposed, agreed to by another, made known there.

Nothing is in force before the acquirer has taken the receiver: what it says stands on the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction

from groupleader.models import Leader, ReceiverChange, SupplierAccount
from groupleader.payout_errors import ReceiverProposedError, ReceiverRefusedError
from payments.api import (
    IllegalTransitionError,
    ReceiverNotTakenError,
    SecondPersonError,
    accounts_that_share,
    advance,
    now,
    register_receiver,
    transact,
)

log = structlog.get_logger(__name__)
Status = ReceiverChange.Status
_SAID_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceiver:
    """A receiver as the acquirer's own pages name it."""

    account_code: str
    receiver: str
    name: str
    kind: str


@transact()
def propose_receiver(
    *, party: Leader | SupplierAccount, new: NewReceiver, by: Any
) -> ReceiverChange:
    """Write down where somebody's shares shall go; a second person lets it be so.

    ReceiverRefusedError for an account that does not share or an empty number,
    ReceiverProposedError while another proposal waits.
    """
    number, name = "".join(new.receiver.split()), " ".join(new.name.split())
    is_known = new.account_code in accounts_that_share() and new.kind in ReceiverChange.Kind.values
    if not is_known or not number or not number.isascii() or not name:
        raise ReceiverRefusedError
    of = {"leader": party} if isinstance(party, Leader) else {"supplier": party}
    try:
        with transaction.atomic():
            return ReceiverChange.objects.create(
                **of,
                account_code=new.account_code,
                receiver=number[:64],
                name=name[:80],
                kind=new.kind,
                before=party.split_receiver,
                asked_by=by,
                asked_at=now(),
            )
    except IntegrityError as error:
        raise ReceiverProposedError from error


@transact()
def refuse_receiver(*, change: ReceiverChange, by: Any) -> None:
    """Let it not be so. IllegalTransitionError where it was decided already."""
    said = {"decided_by": by, "decided_at": now()}
    if not advance(change, ReceiverChange.EDGES, Status.REFUSED, **said):
        raise IllegalTransitionError(to=Status.REFUSED)


def agree_to_receiver(*, change: ReceiverChange, by: Any) -> None:
    """Make a proposed receiver known to the acquirer, then put it in force. Network.

    Pressed again after a failure it is asked again; in force already, nothing happens.
    SecondPersonError for who proposed it or gets the money; ReceiverNotTakenError with what the
    acquirer says (data: said), and nothing has changed; IllegalTransitionError once it was refused.
    """
    change.refresh_from_db()
    if change.status == Status.APPLIED:
        return
    if change.status != Status.PROPOSED:
        raise IllegalTransitionError(to=Status.APPLIED)
    if by.pk in {change.asked_by_id, change.party.user_id}:
        raise SecondPersonError
    try:
        register_receiver(
            account_code=change.account_code,
            receiver=change.receiver,
            name=change.name,
            kind=change.kind,
        )
    except ReceiverNotTakenError as refusal:
        said = str(refusal.data.get("said", ""))[:_SAID_MAX]
        ReceiverChange.objects.filter(pk=change.pk).update(said=said)
        log.warning("receiver.not_taken", change=change.pk, account=change.account_code)
        raise
    _put_in_force(change, by=by)


@transact()
def _put_in_force(change: ReceiverChange, *, by: Any) -> None:
    """Shares go there from now on; one that replaces another cools like an account."""
    said = {"decided_by": by, "decided_at": now(), "said": ""}
    if not advance(change, ReceiverChange.EDGES, Status.APPLIED, **said):
        change.refresh_from_db()
        if change.status == Status.APPLIED:
            return
        raise IllegalTransitionError(to=Status.APPLIED)
    party = change.party
    rows = type(party)._default_manager.filter(pk=party.pk)  # noqa: SLF001 - Django documents it
    at = now()
    rows.exclude(split_receiver__in=["", change.receiver]).update(payee_changed_at=at)
    rows.update(split_receiver=change.receiver)
    log.info("receiver.in_force", party=party.ref, change=change.pk)
