"""Tied cards after their signing was begun: asked about, untied, chosen, ended when over."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from payments.acquiring.contract import (
    AcquirerError,
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    ConfigError,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import now
from payments.kernel.state import advance
from payments.kernel.transact import transact
from payments.models import CardAgreement, ChannelFact
from payments.papers import AgreementView
from payments.selectors import UnknownNumberError
from payments.services.accounts import adapter_of
from payments.services.agreement_facts import ensure_default, tell_revoked
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer
from payments.services.schedule import ASK_GAP, next_try_at
from payments.services.sending import report_config_error
from payments.services.tying_limits import note_failure
from payments.wallet import agreement_view

logger = logging.getLogger(__name__)

SIGN_WITHIN: Final = timedelta(hours=1)
# How long a card's last word from its acquirer is good for; a suspended one is asked about daily.
ASK_AGAIN: Final = timedelta(days=7)
ASK_AGAIN_SUSPENDED: Final = timedelta(days=1)
Status = CardAgreement.Status


def finish_binding(agreement_no: str) -> AgreementView:
    """Ask the acquirer how a signing stands, rather than believe the browser that came back.

    Network: not inside a transaction. At most one question per 1.5 s; no answer changes nothing.
    UnknownNumberError.
    """
    refuse_inside_transaction()
    agreement = _found(agreement_no)
    is_doubted = agreement.status == Status.ACTIVE and agreement.next_action_at is not None
    if agreement.status == Status.PENDING and _claim_question(agreement):
        _ask(agreement)
    elif agreement.status == Status.SUSPENDED or is_doubted:
        _ask_about_tied(agreement)
    elif agreement.status == Status.UNBINDING and _claim_question(agreement):
        _unbind_there(agreement)
    return agreement_view(agreement_no)


def _found(agreement_no: str, owner_ref: str | None = None) -> CardAgreement:
    rows = CardAgreement.objects.select_related("account").filter(agreement_no=agreement_no)
    if owner_ref is not None:
        rows = rows.filter(owner_ref=owner_ref)
    agreement = rows.first()
    if agreement is None:
        raise UnknownNumberError(agreement_no=agreement_no)
    return agreement


def _claim_question(agreement: CardAgreement) -> bool:
    free = Q(queried_at__isnull=True) | Q(queried_at__lte=now() - ASK_GAP)
    rows = CardAgreement.objects.filter(free, pk=agreement.pk)
    next_at = next_try_at(agreement.tries + 2)
    return rows.update(queried_at=now(), next_action_at=next_at, tries=F("tries") + 1) == 1


def _ref(agreement: CardAgreement) -> AgreementRef:
    return AgreementRef(agreement.agreement_no, token=agreement.token)


def _ask(agreement: CardAgreement) -> bool:
    """Ask the acquirer and do what follows; say whether it answered."""
    try:
        result = adapter_of(agreement.account).query_agreement(_ref(agreement))
    except AcquirerError as error:
        note_answer(agreement.account, Contact.ERRAND, error=error)
        logger.warning("agreement.question_unanswered agreement=%s", agreement.agreement_no)
        if isinstance(error, ConfigError):
            report_config_error(agreement.account.code, error)
        return False
    is_over_time = now() - agreement.created_at > SIGN_WITHIN
    is_unsigned = result.status in {
        AgreementStatus.NOT_FOUND,
        AgreementStatus.PENDING_FORM,
        AgreementStatus.SMS_SENT,
    }
    if is_unsigned and is_over_time:
        _fail(agreement)
    else:
        _hear(agreement, result)
    return True


@transact()
def _fail(agreement: CardAgreement) -> None:
    """Nobody signed in time."""
    failed = advance(
        agreement,
        CardAgreement.EDGES,
        Status.FAILED,
        came_from=[Status.PENDING],
        failure_code="not_opened",
        ended_at=now(),
        next_action_at=None,
    )
    if failed:
        note_failure(agreement.owner_ref)


def _ask_about_tied(agreement: CardAgreement) -> None:
    """Ask whether a tied card still is; one that is past its time is over, whatever is said."""
    if not _claim_question(agreement) or not _ask(agreement):
        return
    _end_when_over(agreement)
    tied = CardAgreement.objects.filter(
        pk=agreement.pk, status__in=[Status.ACTIVE, Status.SUSPENDED]
    )
    tied.update(next_action_at=None, tries=0)


@transact()
def _end_when_over(agreement: CardAgreement) -> None:
    rows = CardAgreement.objects.filter(pk=agreement.pk, expires_at__lte=now())
    if not rows.exists():
        return
    ended = advance(
        agreement,
        CardAgreement.EDGES,
        Status.ENDED,
        came_from=[Status.ACTIVE, Status.SUSPENDED],
        is_default=False,
        end_reason="expired",
        ended_at=now(),
        next_action_at=None,
    )
    if ended:
        tell_revoked(agreement)
        ensure_default(agreement.owner_ref)


def review_tied_cards(limit: int = 100) -> int:
    """Put cards on the list of questions that are past their time or were long not asked about.

    Returns how many; run_agreements asks. Whether an acquirer revoked a card is told by its notice;
    this is for the notice that never came.
    """
    at = now()
    tied = CardAgreement.objects.filter(next_action_at__isnull=True)
    active, suspended = tied.filter(status=Status.ACTIVE), tied.filter(status=Status.SUSPENDED)
    due = (
        active.filter(Q(expires_at__lte=at) | _not_asked_since(at - ASK_AGAIN))
        | suspended.filter(_not_asked_since(at - ASK_AGAIN_SUSPENDED))
        | suspended.filter(expires_at__lte=at)
    )
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:limit])
    return tied.filter(pk__in=keys).update(next_action_at=at)


def _not_asked_since(moment: datetime) -> Q:
    return Q(queried_at__lte=moment) | Q(queried_at__isnull=True, signed_at__lte=moment)


def _hear(agreement: CardAgreement, result: AgreementResult) -> None:
    if result.agreement_no != agreement.agreement_no or result.status == AgreementStatus.NOT_FOUND:
        return
    apply_channel_fact(source=ChannelFact.Source.QUERY, account=agreement.account, result=result)


def unbind(agreement_no: str, owner_ref: str) -> AgreementView:
    """Untie a card: at once for us, and at the acquirer, now or as soon as it answers.

    Network: not inside a transaction. A card that is gone already stays gone.
    UnknownNumberError for a card that is not hers.
    """
    refuse_inside_transaction()
    agreement = _found(agreement_no, owner_ref)
    _want_unbind(agreement)
    if agreement.status == Status.UNBINDING:
        _unbind_there(agreement)
    return agreement_view(agreement_no)


@transact()
def _want_unbind(agreement: CardAgreement) -> None:
    moved = advance(
        agreement,
        CardAgreement.EDGES,
        Status.UNBINDING,
        is_default=False,
        end_reason="untied_by_owner",
        next_action_at=next_try_at(0),
        tries=0,
    )
    if moved:
        tell_revoked(agreement)
        ensure_default(agreement.owner_ref)


def _unbind_there(agreement: CardAgreement) -> None:
    try:
        result = adapter_of(agreement.account).unbind(_ref(agreement))
    except AcquirerError as error:
        logger.warning(
            "agreement.not_untied agreement=%s reason=%s",
            agreement.agreement_no,
            type(error).__name__,
        )
        return
    if result.status == AgreementStatus.NOT_FOUND:
        _end_unknown(agreement)
    else:
        _hear(agreement, result)


@transact()
def _end_unknown(agreement: CardAgreement) -> None:
    """The acquirer has never heard of it, so there is nothing left to untie."""
    advance(
        agreement,
        CardAgreement.EDGES,
        Status.ENDED,
        came_from=[Status.UNBINDING],
        ended_at=now(),
        next_action_at=None,
    )


@transact()
def set_default_agreement(agreement_no: str, owner_ref: str) -> AgreementView:
    """Make one of her chargeable cards the owner's default. UnknownNumberError for any other."""
    mine = CardAgreement.objects.chargeable().filter(owner_ref=owner_ref)
    chosen = mine.filter(agreement_no=agreement_no).first()
    if chosen is None:
        raise UnknownNumberError(agreement_no=agreement_no)
    defaults = CardAgreement.objects.filter(owner_ref=owner_ref, is_default=True)
    defaults.exclude(pk=chosen.pk).update(is_default=False)
    mine.filter(pk=chosen.pk).update(is_default=True)
    return agreement_view(agreement_no)
