"""Why somebody cannot sign in, in sentences she can act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.api import LinliError


class InvalidPhoneError(LinliError):
    """Not a mobile number a text message can reach."""

    code = "invalid_phone"
    http_status = 400
    message = _("Please enter a mobile number of mainland China, 11 digits.")


class TooManyCodesError(LinliError):
    """A limit per phone, address or device is reached; data: wait_seconds."""

    code = "too_many_codes"
    http_status = 429
    message = _("Too many codes were requested. Please try again later.")


class SmsNotSentError(LinliError):
    """The message could not be handed over."""

    code = "sms_not_sent"
    http_status = 503
    message = _("The text message could not be sent. Please try again in a minute.")


class WrongCodeError(LinliError):
    """Not the code that was sent; data: tries_left."""

    code = "wrong_code"
    http_status = 400
    message = _("This code is not right. Please look at the newest message.")


class CodeExpiredError(LinliError):
    """The request is unknown, too old, used, or was tried too often: all the same to the asker."""

    code = "code_expired"
    http_status = 400
    message = _("This code is no longer valid. Please request a new one.")


class SignInRefusedError(LinliError):
    """The account may not sign in by phone: it is closed, or it belongs to staff."""

    code = "sign_in_refused"
    http_status = 403
    message = _("This account cannot sign in by phone. Please ask the mall.")
