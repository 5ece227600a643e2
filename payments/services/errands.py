"""Running errands: claimed, sent under their own number, and asked about until it is sure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import F, Q

from payments.acquiring.contract import (
    AcquirerError,
    ConfigError,
    DeclinedError,
    NotSentError,
    NotSupportedError,
    Outcome,
    OutcomeUnknownError,
    RateLimitedError,
)
from payments.kernel.clock import now
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, ChannelFact
from payments.models.errands import Errand
from payments.services.errand_judging import Answer
from payments.services.errand_machines import ErrandEvent
from payments.services.errand_steps import move_errand
from payments.services.evidence import own_number
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer
from payments.services.schedule import (
    ASK_GAP,
    IN_FLIGHT,
    WAIT_AFTER_CONFIG_ERROR,
    next_try_at,
)
from payments.services.sending import report_config_error

logger = logging.getLogger(__name__)


def send_errand(
    errand: Errand,
    *,
    account: AcquirerAccount,
    request: Callable[[], Answer],
    refused: Callable[[DeclinedError], Answer],
    may_leave: Callable[[], bool] = lambda: True,
) -> None:
    """Send a prepared errand, unless another does; its answer, refusal or silence decides.

    The claim is committed before the first byte leaves; `may_leave` has a say in its transaction.
    Network.
    """
    if not _claim(errand, may_leave):
        return
    try:
        answer = request()
    except DeclinedError as error:
        answer = refused(error)
    except AcquirerError as error:
        _note_failure(errand, account, error)
        note_answer(account, Contact.ERRAND, error=error)
        return
    is_heard = _hear(errand, answer, account=account, source=ChannelFact.Source.CREATE)
    if not is_heard:
        _note_silence(errand, why=OutcomeUnknownError("the answer says nothing about this errand"))


def _note_failure(errand: Errand, account: AcquirerAccount, error: AcquirerError) -> None:
    """Plan what the error's class says: send again, send later, call an operator, or only ask."""
    if isinstance(error, NotSentError):
        _put_back(errand, at=next_try_at(errand.tries), why=error)
    elif isinstance(error, RateLimitedError):
        wait = timedelta(seconds=max(error.retry_after_seconds, 1))
        _put_back(errand, at=now() + wait, why=error)
    elif isinstance(error, ConfigError | NotSupportedError):
        report_config_error(account.code, error)
        _put_back(errand, at=now() + WAIT_AFTER_CONFIG_ERROR, why=error)
    else:
        _note_silence(errand, why=error)


def ask_about_errand(
    errand: Errand, *, account: AcquirerAccount, question: Callable[[], Answer]
) -> None:
    """Ask what became of an errand that was sent, unless somebody has just asked. Network."""
    if not _claim_question(errand):
        return
    try:
        answer = question()
    except AcquirerError as error:
        logger.warning("errand.question_unanswered number=%s reason=%s", errand, _name(error))
        note_answer(account, Contact.ERRAND, error=error)
        if isinstance(error, ConfigError):
            report_config_error(account.code, error)
        return
    _hear(errand, answer, account=account, source=ChannelFact.Source.QUERY)


def is_due_to_ask(errand: Errand) -> bool:
    """Tell whether asking makes sense: it was sent, and no request is under way.

    One that was refused is asked about again only where somebody planned it.
    """
    is_planned = errand.next_action_at is not None
    is_under_way = errand.next_action_at is not None and errand.next_action_at > now()
    if errand.status in errand.REFUSED:
        return is_planned and not is_under_way
    return errand.status in errand.ASKABLE and not (errand.status == "sent" and is_under_way)


def _name(error: Exception) -> str:
    return type(error).__name__


@transact()
def _claim(errand: Errand, may_leave: Callable[[], bool] = lambda: True) -> bool:
    if errand.status != errand.SENDABLE or not may_leave():
        return False
    at = now()
    return move_errand(
        errand,
        ErrandEvent.SEND,
        sent_at=at,
        next_action_at=at + IN_FLIGHT,
        tries=F("tries") + 1,
    )


@transact()
def _claim_question(errand: Errand) -> bool:
    """Let one of many ask: the plan for the next question is the claim of this one."""
    is_over = errand.status in errand.REFUSED
    rows = type(errand)._default_manager.filter(  # noqa: SLF001 - Django documents it
        pk=errand.pk, status=errand.status, tries=errand.tries
    )
    return (
        rows.filter(Q(updated_at__lte=now() - ASK_GAP) | Q(status__in=errand.REFUSED)).update(
            updated_at=now(),
            next_action_at=None if is_over else next_try_at(errand.tries),
            tries=F("tries") + 1,
        )
        == 1
    )


def _hear(errand: Errand, answer: Answer, *, account: AcquirerAccount, source: str) -> bool:
    if own_number(answer) != str(errand) or answer.outcome == Outcome.UNKNOWN:
        return False
    apply_channel_fact(source=source, account=account, result=answer)
    return True


@transact()
def _put_back(errand: Errand, *, at: datetime, why: Exception) -> None:
    """Nothing was executed: the same number is sent again later, as long as it takes."""
    logger.warning("errand.not_sent number=%s reason=%s", errand, _name(why))
    move_errand(errand, ErrandEvent.NOT_SENT, next_action_at=at)


@transact()
def _note_silence(errand: Errand, *, why: Exception) -> None:
    """Sent, and no answer to trust: ask later, with the same number."""
    logger.warning("errand.no_answer number=%s reason=%s", errand, _name(why))
    move_errand(errand, ErrandEvent.NO_ANSWER, next_action_at=next_try_at(0), tries=0)
