"""Who is out of order: an account that does not answer gets no new payments until it does again.

A circuit per account. Failures in a row open it; an answer to a harmless question lets one new
payment through on trial; that payment's answer closes it. What was begun goes on being asked about
all the while. Every change is one guarded UPDATE; a success writes only where it ends failures.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Value, When

from payments.acquiring.contract import (
    AcquirerError,
    ConfigError,
    NotSentError,
    NotSupportedError,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.incidents import report_incident, settle_incident
from payments.kernel.clock import now
from payments.kernel.state import advance
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, AcquirerHealth, Incident

logger = logging.getLogger(__name__)

State = AcquirerHealth.State
# A payment on trial has this long to be sent and answered; then another may try.
TRIAL: Final = timedelta(seconds=60)


class Contact(StrEnum):
    """What we wanted of the acquirer: its failures say different things."""

    PAY = "pay"
    ASK = "ask"
    ERRAND = "errand"


def note_answer(
    account: AcquirerAccount, contact: Contact, *, error: AcquirerError | None = None
) -> None:
    """Learn from one exchange with an acquirer whether it is in order. Not inside a transaction.

    A refusal is an answer, being asked to slow down too. No way there, no trustworthy answer or a
    wrong set-up are failures; of refunds, payouts and cards only the missing way there is, because
    a product that is not ours to use says nothing about payments.
    """
    if isinstance(error, NotSupportedError):
        return
    if error is None or not _is_failure(error, contact):
        is_slowed_down = isinstance(error, RateLimitedError)
        _note_success(account.code, Contact.ASK if is_slowed_down else contact)
    else:
        _note_failure(account.code, contact, f"{type(error).__name__}: {error.message}")


def _is_failure(error: AcquirerError, contact: Contact) -> bool:
    counted: tuple[type[AcquirerError], ...] = (NotSentError,)
    if contact != Contact.ERRAND:
        counted = (NotSentError, OutcomeUnknownError, ConfigError)
    return isinstance(error, counted)


def _note_success(code: str, contact: Contact) -> None:
    """Read first: on the way of every payment nothing is written that need not be."""
    troubled = Q(pay_failures__gt=0) | Q(ask_failures__gt=0) | ~Q(state=State.CLOSED)
    health = AcquirerHealth.objects.filter(troubled, account_code=code).first()
    if health is not None:
        _recover(health, contact)


@transact()
def _recover(health: AcquirerHealth, contact: Contact) -> None:
    """An answer to a payment proves all, an answer to a question that somebody is there."""
    rows = AcquirerHealth.objects.filter(pk=health.pk)
    if contact == Contact.PAY:
        rows.update(pay_failures=0, ask_failures=0)
        if health.state != State.CLOSED and not health.held_by:
            _close(health, by="")
        return
    rows.update(ask_failures=0)
    if health.state == State.OPEN and not health.held_by:
        advance(
            health,
            AcquirerHealth.EDGES,
            State.HALF_OPEN,
            came_from=[State.OPEN],
            field="state",
            since=now(),
            next_probe_at=None,
            trial_until=None,
        )


def _close(health: AcquirerHealth, *, by: str) -> bool:
    at, was_out_since = now(), health.opened_at
    moved = advance(
        health,
        AcquirerHealth.EDGES,
        State.CLOSED,
        field="state",
        since=at,
        pay_failures=0,
        ask_failures=0,
        next_probe_at=None,
        trial_until=None,
        held_by="",
    )
    if moved:
        logger.warning("acquirer.in_order account=%s by=%s", health.account_code, by or "itself")
        if was_out_since is not None:
            minutes = round((at - was_out_since).total_seconds() / 60)
            settle_incident(
                f"{Incident.Kind.ACQUIRER_OUT}:{_incident_key(health)}",
                by=by or "circuit",
                note=f"answers again after {minutes} min",
            )
    return moved


@transact()
def _note_failure(code: str, contact: Contact, error: str) -> None:
    at = now()
    rows = _row_of(code)
    window = timedelta(seconds=settings.LINLI_CIRCUIT_WINDOW_SECONDS)
    is_in_a_row = Q(last_failed_at__gte=at - window)
    counters = {
        "pay_failures": int(contact == Contact.PAY),
        "ask_failures": int(contact != Contact.PAY),
    }
    rows.update(
        **{
            name: Case(When(is_in_a_row, then=F(name) + more), default=Value(more))
            for name, more in counters.items()
        },
        last_failed_at=at,
        last_error=error[:200],
    )
    health = rows.get()
    enough = settings.LINLI_CIRCUIT_FAILURES
    is_over = max(health.pay_failures, health.ask_failures) >= enough
    is_failed_trial = health.state == State.HALF_OPEN and contact == Contact.PAY
    if is_failed_trial or is_over:
        _open(health)


def _row_of(code: str) -> QuerySet[AcquirerHealth]:
    """Return the account's row as a queryset; it is made when something first goes wrong."""
    AcquirerHealth.objects.bulk_create(
        [AcquirerHealth(account_code=code, since=now())], ignore_conflicts=True
    )
    return AcquirerHealth.objects.filter(account_code=code)


def _open(health: AcquirerHealth, **changes: Any) -> bool:
    """Take the account out for new payments; unless a person did it, one is called."""
    at = now()
    pause = timedelta(seconds=settings.LINLI_CIRCUIT_PAUSE_SECONDS)
    came_from = health.state
    is_relapse = came_from == State.HALF_OPEN
    moved = came_from != State.OPEN and advance(
        health,
        AcquirerHealth.EDGES,
        State.OPEN,
        came_from=[came_from],
        field="state",
        **{
            "since": at,
            "opened_at": health.opened_at if is_relapse else at,
            "openings": F("openings") + (0 if is_relapse else 1),
            "next_probe_at": at + pause,
            "trial_until": None,
            **changes,
        },
    )
    if moved and not health.held_by:
        report_incident(
            Incident.Kind.ACQUIRER_OUT,
            key=_incident_key(health),
            subject_no=health.account_code,
            error=health.last_error,
        )
    return moved


def _incident_key(health: AcquirerHealth) -> str:
    """One incident per time it was out, however often a trial failed meanwhile."""
    return f"{health.account_code}:{health.openings}"


def circuits() -> dict[str, AcquirerHealth]:
    """Return what is known of accounts that ever failed, by code; one query."""
    return {health.account_code: health for health in AcquirerHealth.objects.all()}


def lets_through(health: AcquirerHealth | None) -> bool:
    """Tell whether a new payment may go there now; of an account on trial only one at a time."""
    if health is None or health.state == State.CLOSED:
        return True
    is_free = health.trial_until is None or health.trial_until <= now()
    return health.state == State.HALF_OPEN and is_free


def admit(code: str) -> bool:
    """Let one new payment through, taking the trial's place where the account is on trial.

    In a transaction. A row that another payment holds at this moment is somebody's trial: nobody
    waits for it.
    """
    health = AcquirerHealth.objects.filter(account_code=code).first()
    if health is None or health.state == State.CLOSED:
        return True
    if not lets_through(health):
        return False
    free = Q(trial_until__isnull=True) | Q(trial_until__lte=now())
    rows = AcquirerHealth.objects.filter(free, pk=health.pk, state=State.HALF_OPEN)
    if rows.select_for_update(skip_locked=True, no_key=True).first() is None:
        return False
    return rows.update(trial_until=now() + TRIAL) == 1


@transact()
def take_out(code: str, *, by: str) -> bool:
    """Take an account out for new payments until a person puts it back; False if it is held."""
    rows = _row_of(code)
    health = rows.get()
    if health.held_by:
        return False
    if health.state == State.OPEN:
        return rows.filter(state=State.OPEN).update(held_by=by[:64], next_probe_at=None) == 1
    return _open(health, held_by=by[:64], next_probe_at=None, last_error=f"taken out by {by}"[:200])


@transact()
def put_back(code: str, *, by: str) -> bool:
    """Close the circuit by a person's word; False where it is closed."""
    health = AcquirerHealth.objects.filter(account_code=code).first()
    return health is not None and health.state != State.CLOSED and _close(health, by=by)
