"""Tying and untying cards: on the acquirer's own pages, remembered here as agreements."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import (
    AcquirerError,
    AgreementRef,
    AgreementResult,
    AgreementStatus,
    BindRequest,
    ConfigError,
    DeclinedError,
    NotSentError,
    RateLimitedError,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import business_date, now
from payments.kernel.errors import LinliError
from payments.kernel.numbers import new_number
from payments.kernel.state import advance
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, CardAgreement, ChannelFact
from payments.papers import AgreementView
from payments.selectors import UnknownNumberError, agreement_view
from payments.services.accounts import NoAcquirerError, adapter_of, notify_url
from payments.services.agreement_facts import ensure_default, tell_revoked
from payments.services.facts import apply_channel_fact
from payments.services.health import Contact, note_answer
from payments.services.routing import choose_binding_account
from payments.services.schedule import ASK_GAP, next_try_at
from payments.services.sending import report_config_error

logger = logging.getLogger(__name__)

TRIES_A_DAY: Final = 10
SIGN_WITHIN: Final = timedelta(hours=1)
Status = CardAgreement.Status


class TooManyCardsTriedError(LinliError):
    """Somebody has started to tie cards too often today."""

    code = "too_many_cards_tried"
    http_status = 429
    message = _("You have tried to tie cards too often today. Please try again tomorrow.")


class SigningNotAvailableError(LinliError):
    """The acquirer's signing page cannot be opened right now."""

    code = "signing_not_available"
    http_status = 503
    message = _("The bank's page cannot be opened right now. Please try again in a moment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BindStep:
    """Where the owner goes to sign, and the number under which the card will be known."""

    url: str
    agreement_no: str


def start_binding(
    *,
    owner_ref: str,
    holder_phone: str,
    return_url: str,
    consent_version: str,
    ip: str,
    issuer_code: str = "",
) -> BindStep:
    """Ask the acquirer for its signing page. Network: not inside a transaction.

    `return_url` is where the owner comes back to; call finish_binding there. `issuer_code` names
    the card's bank where she said it, for routing rules. At most ten tries a day:
    TooManyCardsTriedError. SigningNotAvailableError when no acquirer that ties cards answers.
    """
    refuse_inside_transaction()
    account = _account(issuer_code)
    agreement = _open(account, owner_ref, (consent_version, ip))
    request = BindRequest(
        agreement_no=agreement.agreement_no,
        owner_ref=owner_ref,
        return_url=return_url,
        notify_url=notify_url(agreement.account),
        holder_phone=holder_phone,
        lang=get_language() or "",
    )
    try:
        answer = adapter_of(agreement.account).bind_card(request)
    except AcquirerError as error:
        note_answer(agreement.account, Contact.ERRAND, error=error)
        _note_refused(agreement, error)
        raise SigningNotAvailableError from error
    note_answer(agreement.account, Contact.ERRAND)
    if answer.step is None or not answer.step.url:
        raise SigningNotAvailableError
    CardAgreement.objects.filter(pk=agreement.pk).update(step_url=answer.step.url[:1000])
    return BindStep(url=answer.step.url, agreement_no=agreement.agreement_no)


def _account(issuer_code: str) -> AcquirerAccount:
    try:
        return choose_binding_account(issuer_code=issuer_code)
    except NoAcquirerError as error:
        raise SigningNotAvailableError from error


def _open(account: AcquirerAccount, owner_ref: str, consent: tuple[str, str]) -> CardAgreement:
    """Write the agreement down with one of the day's numbered tries; the last is the limit."""
    day = business_date()
    for _attempt in range(TRIES_A_DAY):
        slot = CardAgreement.objects.filter(owner_ref=owner_ref, bind_date=day).count()
        if slot >= TRIES_A_DAY:
            break
        try:
            return _insert(account, owner_ref, (*consent, slot))
        except IntegrityError:
            continue  # another tab took this try
    raise TooManyCardsTriedError(limit=TRIES_A_DAY)


@transact()
def _insert(account: AcquirerAccount, owner_ref: str, what: tuple[str, str, int]) -> CardAgreement:
    consent_version, ip, slot = what
    at = now()
    with transaction.atomic():
        return CardAgreement.objects.create(
            agreement_no=new_number("A"),
            owner_ref=owner_ref,
            account=account,
            consent_version=consent_version,
            consent_ip=ip or None,
            bind_date=business_date(at),
            bind_slot=slot,
            created_at=at,
            next_action_at=next_try_at(4),
        )


def _note_refused(agreement: CardAgreement, error: AcquirerError) -> None:
    logger.warning(
        "agreement.not_opened agreement=%s reason=%s", agreement.agreement_no, type(error).__name__
    )
    if isinstance(error, ConfigError):
        report_config_error(agreement.account.code, error)
    if isinstance(error, NotSentError | RateLimitedError | DeclinedError | ConfigError):
        _fail(agreement)


@transact()
def _fail(agreement: CardAgreement) -> None:
    advance(
        agreement,
        CardAgreement.EDGES,
        Status.FAILED,
        came_from=[Status.PENDING],
        failure_code="not_opened",
        ended_at=now(),
        next_action_at=None,
    )


def finish_binding(agreement_no: str) -> AgreementView:
    """Ask the acquirer how a signing stands, rather than believe the browser that came back.

    Network: not inside a transaction. At most one question per 1.5 s; no answer changes nothing.
    UnknownNumberError.
    """
    refuse_inside_transaction()
    agreement = _found(agreement_no)
    if agreement.status in {Status.PENDING, Status.SUSPENDED} and _claim_question(agreement):
        _ask(agreement)
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


def _ask(agreement: CardAgreement) -> None:
    try:
        result = adapter_of(agreement.account).query_agreement(_ref(agreement))
    except AcquirerError as error:
        note_answer(agreement.account, Contact.ERRAND, error=error)
        logger.warning("agreement.question_unanswered agreement=%s", agreement.agreement_no)
        if isinstance(error, ConfigError):
            report_config_error(agreement.account.code, error)
        return
    is_over_time = now() - agreement.created_at > SIGN_WITHIN
    is_unsigned = result.status in {
        AgreementStatus.NOT_FOUND,
        AgreementStatus.PENDING_FORM,
        AgreementStatus.SMS_SENT,
    }
    if is_unsigned and is_over_time:
        _fail(agreement)
        return
    _hear(agreement, result)


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
    """Make one of the owner's tied cards her default. UnknownNumberError for any other card."""
    mine = CardAgreement.objects.filter(owner_ref=owner_ref, status=Status.ACTIVE)
    chosen = mine.filter(agreement_no=agreement_no).first()
    if chosen is None:
        raise UnknownNumberError(agreement_no=agreement_no)
    mine.filter(is_default=True).exclude(pk=chosen.pk).update(is_default=False)
    mine.filter(pk=chosen.pk).update(is_default=True)
    return agreement_view(agreement_no)
