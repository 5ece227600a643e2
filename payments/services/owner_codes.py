"""The code a card's owner types on our page, where her bank asks for one: sent on, never kept."""

from __future__ import annotations

import logging
import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import (
    AcquirerError,
    DeclinedError,
    NotSentError,
    RateLimitedError,
    StepKind,
)
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.errors import LinliError
from payments.models import Payment
from payments.selectors import UnknownNumberError, payment_view
from payments.services.accounts import adapter_of
from payments.services.health import Contact, note_answer
from payments.services.routing import CardUnavailableError
from payments.services.sending import PaymentStep, charge_of, hear, refusal_of, step_of

logger = logging.getLogger(__name__)

_CODE: Final = re.compile(r"[0-9]{4,8}")
WRONG_CODE: Final = "wrong_code"


class WrongCodeError(LinliError):
    """The code does not fit; the payment goes on waiting for the right one."""

    code = WRONG_CODE
    message = _("This code is not right. Please look at the newest message and type it again.")


def confirm_with_code(payment_no: str, code: str) -> PaymentStep:
    """Charge a tied card with the code its owner typed. Network: not inside a transaction.

    A payment that waits for no code stays as it is. WrongCodeError where the code has no form of a
    code or the acquirer says it is wrong; CardUnavailableError where nothing was sent.
    UnknownNumberError.
    """
    refuse_inside_transaction()
    rows = Payment.objects.select_related("account", "agreement")
    payment = rows.filter(payment_no=payment_no).first()
    if payment is None:
        raise UnknownNumberError(payment_no=payment_no)
    card = payment.agreement
    asks = payment.status == Payment.Status.PENDING and payment.step_kind == StepKind.SMS_CODE
    if not asks or card is None:
        return step_of(payment_view(payment_no))
    if not _CODE.fullmatch(code):
        raise WrongCodeError(payment_no=payment_no)
    try:
        result = adapter_of(payment.account).pay_with_agreement(charge_of(payment, card, code=code))
    except AcquirerError as error:
        note_answer(payment.account, Contact.PAY, error=error)
        _note_error(payment, error)
    else:
        note_answer(payment.account, Contact.PAY)
        hear(payment, result)
    return step_of(payment_view(payment_no))


def _note_error(payment: Payment, error: AcquirerError) -> None:
    """Say what the owner can do; what became of a charge nobody answered is asked by the runner."""
    if isinstance(error, DeclinedError):
        if error.code == WRONG_CODE:
            raise WrongCodeError(payment_no=payment.payment_no) from error
        hear(payment, refusal_of(payment, error))
    elif isinstance(error, NotSentError | RateLimitedError):
        raise CardUnavailableError(payment_no=payment.payment_no) from error
    else:
        logger.warning(
            "payment.code_unanswered payment=%s reason=%s",
            payment.payment_no,
            type(error).__name__,
        )
