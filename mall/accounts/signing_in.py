"""Signing in by phone: a six-digit code by text message, and the account it opens.

Nothing here looks up the account before the code is proved, so a known and an unknown number get
the same answer in the same time.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from mall.accounts.allowances import forget_before, take_allowances
from mall.accounts.errors import CodeExpiredError, SignInRefusedError, WrongCodeError
from mall.accounts.masking import mask_phone
from mall.accounts.models import SignInRequest, User, random_request_id, random_username
from mall.accounts.phones import normalise_phone
from mall.accounts.sms import sms_backend
from payments.api import now, transact

log = structlog.get_logger(__name__)

CODE_LIFETIME: Final = timedelta(minutes=5)
CODE_DIGITS: Final = 6
KEPT_FOR: Final = timedelta(days=2)


def request_code(*, phone: str, ip: str = "", device: str = "") -> SignInRequest:
    """Send a one-time code and return its request, whose request_id the session keeps.

    ``phone`` as typed. Raises InvalidPhoneError, TooManyCodesError and SmsNotSentError. Must not be
    called inside a transaction: the message goes out after the request is committed.
    """
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    asked = _open_request(phone=normalise_phone(phone), ip=ip, device=device, code=code, at=now())
    text = _("[Linli] Your sign-in code is %(code)s, valid for 5 minutes. Do not share it.")
    sms_backend().send(phone=asked.phone, text=text % {"code": code})
    log.info("sign_in.code_sent", request_id=asked.request_id, phone=mask_phone(asked.phone))
    return asked


@transact()
def _open_request(*, phone: str, ip: str, device: str, code: str, at: datetime) -> SignInRequest:
    """Count the request and write it down. Earlier ones stay: else anybody could void hers."""
    take_allowances(phone=phone, ip=ip, device=device, at=at)
    request_id = random_request_id()
    return SignInRequest.objects.create(
        request_id=request_id,
        phone=phone,
        code_hash=_hash(request_id, code),
        requested_at=at,
        expires_at=at + CODE_LIFETIME,
        ip=ip or None,
        device=device[:64],
    )


def verify_code(*, request_id: str, code: str) -> User:
    """Return the account of the phone the code was sent to, made now if it is the first time.

    Each call uses up one of five tries, committed before the code is looked at, so no number of
    simultaneous guesses gets a sixth. Raises CodeExpiredError, WrongCodeError (data: tries_left)
    and SignInRefusedError.
    """
    asked = _use_a_try(request_id)
    if not constant_time_compare(asked.code_hash, _hash(request_id, code.strip())):
        log.warning("sign_in.wrong_code", request_id=request_id, tries=asked.tries)
        raise WrongCodeError(tries_left=max(0, SignInRequest.MAX_TRIES - asked.tries))
    user = _finish(asked)
    log.info("sign_in.succeeded", request_id=request_id, user_id=user.pk)
    return user


def _use_a_try(request_id: str) -> SignInRequest:
    """Count the try in a transaction of its own: a refusal afterwards must not give it back."""
    with transaction.atomic(durable=True):
        counted = SignInRequest.objects.filter(
            request_id=request_id,
            used_at=None,
            expires_at__gt=now(),
            tries__lt=SignInRequest.MAX_TRIES,
        ).update(tries=F("tries") + 1)
    if not counted:
        raise CodeExpiredError
    return SignInRequest.objects.get(request_id=request_id)


@transact()
def _finish(asked: SignInRequest) -> User:
    """Use the request up, once, and open the account."""
    used = SignInRequest.objects.filter(pk=asked.pk, used_at=None).update(used_at=now())
    if not used:
        raise CodeExpiredError
    user = account_of(phone=asked.phone)
    if user.is_staff or user.is_superuser or not user.is_active:
        raise SignInRefusedError
    return user


def account_of(*, phone: str) -> User:
    """Return the account of an E.164 number, made if there is none: two at once make one."""
    new = User(username=random_username(), phone=phone, display_name=_name_of(phone))
    new.set_unusable_password()
    if not User.objects.filter(phone=phone).exists():
        User.objects.bulk_create([new], ignore_conflicts=True)
    return User.objects.get(phone=phone)


def _name_of(phone: str) -> str:
    """Call a newcomer by the last four digits until she says her name."""
    return _("Neighbour %(digits)s") % {"digits": phone[-4:]}


def _hash(request_id: str, code: str) -> str:
    """Bind the code to its request; the key keeps a stolen table from being tried offline."""
    return salted_hmac("accounts.code", f"{request_id}:{code}", algorithm="sha256").hexdigest()


def forget_old_codes(limit: int) -> dict[str, int]:
    """Delete requests and counters nobody needs any more; a job."""
    old = SignInRequest.objects.filter(requested_at__lt=now() - KEPT_FOR)
    keys = list(old.values_list("pk", flat=True)[:limit])
    requests = SignInRequest.objects.filter(pk__in=keys).delete()[0]
    return {"requests": requests, "counters": forget_before(at=now(), limit=limit)}
