"""Setting accounts up, giving them new keys, taking them out of use and back.

A version never changes: new settings or keys are a new version, and the one before finishes what
it began. What belongs together is the merchant number: another one is another account.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings as conf
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.acquiring.contract import ConfigError
from payments.acquiring.registry import AccountSpec, make_adapter
from payments.kernel.errors import LinliError
from payments.kernel.transact import transact
from payments.models import AcquirerAccount, CardAgreement, Payment, Refund, Split, Transfer
from payments.services.accounts import write_version

logger = logging.getLogger(__name__)

Status = AcquirerAccount.Status
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
# What begins so is a secret itself: a key in letters, or one of Stripe's.
_SECRET: Final = re.compile(r"\s*(-----BEGIN|(sk|rk)_(live|test|org)_|whsec_)")
_OPEN_PAYMENTS: Final = ("created", "sent", "pending", "unknown", "closing")


class AccountRefusedError(LinliError):
    """An account cannot be set up or changed like this; the sentence says why."""

    code = "account_refused"


def add_account(
    code: str, *, adapter: str, settings: Mapping[str, Any], keys: Mapping[str, str], by: str
) -> AcquirerAccount:
    """Set a new account up, in use at once but chosen only where a rule or a priority leads there.

    `keys` names files. The adapter reads them and tries the settings; nothing is sent.
    AccountRefusedError with the adapter's reason.
    """
    if not _CODE.fullmatch(code):
        raise AccountRefusedError(
            _("An account's code has up to 40 small letters, digits and hyphens.")
        )
    if AcquirerAccount.objects.filter(code=code).exists():
        raise AccountRefusedError(_("There is such an account already: give it a new version."))
    merchant_id = _tried(AccountSpec(code, adapter, settings=settings, keys=keys))
    return _write(
        code, adapter=adapter, merchant_id=merchant_id, settings_=settings, keys=keys, by=by
    )


def new_version(
    code: str,
    *,
    settings: Mapping[str, Any] | None = None,
    keys: Mapping[str, str] | None = None,
    by: str,
) -> AcquirerAccount:
    """Give an account new settings or keys; what is not named stays, a None setting is dropped.

    The version before still verifies messages and is what old payments were made with; questions
    and refunds about them are asked with the new keys. The account is in use afterwards. Without a
    change the present version is returned. AccountRefusedError, also for another merchant number.
    """
    newest = _newest(code)
    draft = draft_of(code, settings=settings, keys=keys)
    is_same = (newest.settings, newest.keys) == (draft.settings, draft.keys)
    if is_same and newest.status == Status.ACTIVE:
        return newest
    merchant_id = _tried(draft)
    if merchant_id != newest.merchant_id:
        raise AccountRefusedError(_("Another merchant number is another account: add it."))
    return _write(
        code,
        adapter=newest.adapter,
        merchant_id=merchant_id,
        settings_=draft.settings,
        keys=draft.keys,
        by=by,
    )


def draft_of(
    code: str, *, settings: Mapping[str, Any] | None, keys: Mapping[str, str] | None
) -> AccountSpec:
    """Return what a new version would be, to be tried before it is written. AccountRefusedError."""
    newest = _newest(code)
    merged = {**newest.settings, **(settings or {})}
    wanted = {name: value for name, value in merged.items() if value is not None}
    files = {**newest.keys, **(keys or {})}
    return AccountSpec(code, newest.adapter, newest.version + 1, settings=wanted, keys=files)


def known_addresses() -> set[str]:
    """Return where accounts may be told to speak by a form: an account's keys go there.

    What the operator set (LINLI_ACQUIRER_ADDRESSES, the sandbox) and what accounts have already;
    an account without an address speaks to its acquirer's own.
    """
    used = AcquirerAccount.objects.values_list("settings__base_url", flat=True)
    named = [conf.LINLI_SANDBOX_URL, *conf.LINLI_ACQUIRER_ADDRESSES, *used]
    return {str(address).rstrip("/") for address in named if address}


def _newest(code: str) -> AcquirerAccount:
    newest = AcquirerAccount.objects.filter(code=code).order_by("-version").first()
    if newest is None:
        raise AccountRefusedError(_("There is no such account."))
    return newest


def _tried(wanted: AccountSpec) -> str:
    """Let the adapter read keys and settings; return the merchant number it finds there."""
    texts = [*wanted.settings.values(), *wanted.keys.values()]
    if any(_SECRET.match(str(text)) for text in texts):
        raise AccountRefusedError(_("A key belongs in a file: name the file."))
    try:
        return make_adapter(wanted).merchant_id
    except ConfigError as error:
        raise AccountRefusedError(error.message) from error


@transact()
def _write(code: str, *, by: str, **what: Any) -> AcquirerAccount:
    account = write_version(code, by=by, **what)
    logger.info("account.version_written account=%s version=%s by=%s", code, account.version, by)
    return account


@transact()
def set_priority(code: str, priority: int | None, *, by: str) -> None:
    """Say where an account stands among those no rule speaks of; None: only rules lead to it."""
    if not AcquirerAccount.objects.filter(code=code).update(priority=priority):
        raise AccountRefusedError(_("There is no such account."))
    logger.info("account.priority_set account=%s priority=%s by=%s", code, priority, by)


@transact()
def take_out_of_use(code: str, *, by: str) -> AcquirerAccount:
    """Begin nothing new through an account; what was begun is finished. AccountRefusedError."""
    account = _newest(code)
    rows = AcquirerAccount.objects.filter(code=code, status=Status.ACTIVE)
    if not rows.update(status=Status.VERIFY_ONLY):
        raise AccountRefusedError(_("This account is not in use."))
    logger.info("account.taken_out_of_use account=%s by=%s", code, by)
    account.refresh_from_db()
    return account


@transact()
def put_in_use(code: str, *, by: str) -> AcquirerAccount:
    """Use an account's newest version for new payments again. AccountRefusedError."""
    account = _newest(code)
    rows = AcquirerAccount.objects.filter(pk=account.pk, status=Status.VERIFY_ONLY)
    if not rows.update(status=Status.ACTIVE):
        raise AccountRefusedError(_("Only what was taken out of use can be put in use again."))
    logger.info("account.put_in_use account=%s version=%s by=%s", code, account.version, by)
    account.refresh_from_db()
    return account


@transact()
def disable_version(code: str, version: int, *, by: str) -> None:
    """Stop believing one version's keys, for example because they were stolen.

    The last usable version is disabled only when nothing of the account is unfinished: afterwards
    not even its messages are understood. AccountRefusedError.
    """
    rows = AcquirerAccount.objects.filter(code=code)
    others = rows.exclude(version=version).exclude(status=Status.DISABLED)
    if not others.exists() and (left := unfinished(code)):
        raise AccountRefusedError(
            _("The account has unfinished business: %(left)s.") % {"left": ", ".join(left)}
        )
    usable = rows.filter(version=version).exclude(status=Status.DISABLED)
    if not usable.update(status=Status.DISABLED):
        raise AccountRefusedError(_("There is no such version in use."))
    logger.warning("account.version_disabled account=%s version=%s by=%s", code, version, by)


def unfinished(code: str) -> list[str]:
    """Return what of an account is not over, by its numbers, at most three of each kind."""
    due = Q(next_action_at__isnull=False)
    asked: list[tuple[Any, str]] = [
        (
            Payment.objects.filter(Q(status__in=_OPEN_PAYMENTS) | due, account__code=code),
            "payment_no",
        ),
        (Refund.objects.filter(due, payment__account__code=code), "refund_no"),
        (Split.objects.filter(due, payment__account__code=code), "split_no"),
        (Transfer.objects.filter(due, account__code=code), "transfer_no"),
        (CardAgreement.objects.filter(due, account__code=code), "agreement_no"),
    ]
    return [
        number
        for rows, column in asked
        for number in rows.order_by("pk").values_list(column, flat=True)[:3]
    ]
