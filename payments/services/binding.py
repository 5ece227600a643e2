"""Beginning to tie a card: the text agreed to, the limits, and the acquirer's own signing page."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import (
    AcquirerError,
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
from payments.models import AcquirerAccount, CardAgreement, ConsentText
from payments.services.accounts import (
    NoAcquirerError,
    adapter_of,
    notify_url,
    signing_url,
)
from payments.services.consents import Consented, agreed_text
from payments.services.health import Contact, note_answer
from payments.services.routing import choose_binding_account
from payments.services.schedule import next_try_at
from payments.services.sending import report_config_error
from payments.services.tying_limits import (
    TRIES_A_DAY,
    TooManyCardsTriedError,
    report_card_testing,
    take_allowances,
)

logger = logging.getLogger(__name__)

Status = CardAgreement.Status


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
    consent: Consented,
    issuer_code: str = "",
) -> BindStep:
    """Ask the acquirer for its signing page. Network: not inside a transaction.

    `return_url` is where the owner comes back to; call finish_binding there. `issuer_code` names
    the card's bank where she said it, for routing rules. ConsentOutdatedError when the text she
    agreed to is not in force; TooManyCardsTriedError above a limit (ten tries a day, and those per
    address, browser and failures in a row); SigningNotAvailableError when no acquirer that ties
    cards answers.
    """
    refuse_inside_transaction()
    text = agreed_text(consent)
    account = _account(issuer_code)
    take_allowances(owner_ref=owner_ref, ip=consent.ip, device=consent.device)
    agreement = _open(account, owner_ref, _Agreed(text, consent))
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
    step = answer.step
    CardAgreement.objects.filter(pk=agreement.pk).update(
        step_url=step.url[:2000], step_fields=dict(step.fields)
    )
    url = signing_url(agreement.agreement_no) if step.fields else step.url
    return BindStep(url=url, agreement_no=agreement.agreement_no)


def _account(issuer_code: str) -> AcquirerAccount:
    try:
        return choose_binding_account(issuer_code=issuer_code)
    except NoAcquirerError as error:
        raise SigningNotAvailableError from error


@dataclass(frozen=True, slots=True)
class _Agreed:
    """The text, and how it was agreed to."""

    text: ConsentText
    how: Consented


def _open(account: AcquirerAccount, owner_ref: str, agreed: _Agreed) -> CardAgreement:
    """Write the agreement down with one of the day's numbered tries; the last is the limit."""
    day = business_date()
    for _attempt in range(TRIES_A_DAY):
        slot = CardAgreement.objects.filter(owner_ref=owner_ref, bind_date=day).count()
        if slot >= TRIES_A_DAY:
            break
        try:
            return _insert(account, owner_ref, slot=slot, agreed=agreed)
        except IntegrityError:
            continue  # another tab took this try
    report_card_testing("owner", owner_ref)
    raise TooManyCardsTriedError(limit=TRIES_A_DAY)


@transact()
def _insert(
    account: AcquirerAccount, owner_ref: str, *, slot: int, agreed: _Agreed
) -> CardAgreement:
    at = now()
    with transaction.atomic():
        return CardAgreement.objects.create(
            agreement_no=new_number("A"),
            owner_ref=owner_ref,
            account=account,
            consent_version=agreed.text.version,
            consent_text=agreed.text,
            consent_sha256=agreed.text.sha256,
            consent_ip=agreed.how.ip or None,
            consented_at=at,
            device=agreed.how.device[:64],
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
        _give_up(agreement)


@transact()
def _give_up(agreement: CardAgreement) -> None:
    """The page could not be opened: not the owner's failure, so it does not count as one."""
    advance(
        agreement,
        CardAgreement.EDGES,
        Status.FAILED,
        came_from=[Status.PENDING],
        failure_code="not_opened",
        ended_at=now(),
        next_action_at=None,
    )
