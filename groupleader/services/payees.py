"""The account somebody is paid to: changed by herself or by two of staff, told, and kept for good.

Whoever changes it makes payouts wait (LINLI_PAYEE_COOLING_HOURS). She is told at once, with the old
and the new account and a door that says "this was not me": it freezes payouts until two of staff
have set an account anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from groupleader.models import Leader, PayeeChange, PayeeReveal, SupplierAccount
from groupleader.payout_errors import (
    AccountNumberError,
    EvidenceMissingError,
    HolderDiffersError,
    PayeeFrozenError,
    PayeeProposedError,
)
from groupleader.sealing import seal, unseal
from groupleader.services.holding import call_back, hold
from groupleader.services.taxes import TaxRegime
from payments.api import (
    IllegalTransitionError,
    SecondPersonError,
    advance,
    now,
    publish,
    transact,
)

log = structlog.get_logger(__name__)
Party = Leader | SupplierAccount
Status = PayeeChange.Status
Way = PayeeChange.Way
# How long "this was not me" is heard behind a message's link.
DENIABLE: Final = timedelta(days=183)
# UnionPay's cards have a check digit; a company's account number has none.
_CARD_STARTS: Final = "62"
_CARD_LENGTHS: Final = range(16, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What was typed: bank, holder, number; `reason` where the holder is somebody else."""

    bank: str
    holder: str
    account: str
    reason: str = ""


def digits_of(account: str) -> str:
    """Return an account number's digits; AccountNumberError for what is none."""
    digits = account.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise AccountNumberError(reason="digits")
    return digits


def refuse_mistyped(digits: str) -> None:
    """Refuse a card number whose check digit says that it was mistyped; AccountNumberError."""
    is_card = digits.startswith(_CARD_STARTS) and len(digits) in _CARD_LENGTHS
    if is_card and not _is_luhn(digits):
        raise AccountNumberError(reason="checksum")


def _is_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def refuse_foreign_holder(party: Party, new: NewAccount) -> None:
    """A person's account is in her verified name, unless a reason is given. HolderDiffersError."""
    is_person = party.tax_regime != TaxRegime.BUSINESS_ENTITY
    if is_person and new.holder.strip() != party.name.strip() and not new.reason.strip():
        raise HolderDiffersError


@transact()
def change_payee(*, leader: Party, bank: str, holder: str, account: str) -> None:
    """Set the account payouts go to when somebody is set up; a later one cools like any change.

    AccountNumberError for a number that is no account number. The first account waits for nothing:
    there is none it could replace.
    """
    new = NewAccount(bank=bank, holder=holder, account=digits_of(account))
    hold(leader)
    _apply(_written(leader, new, way=Way.SETUP, by=None), leader)


@transact()
def change_own_payee(*, leader: Leader, new: NewAccount, by: Any) -> PayeeChange:
    """A leader sets her own account; the view has made sure that she signed in just now.

    AccountNumberError, HolderDiffersError, PayeeFrozenError after "this was not me".
    """
    refuse_mistyped(digits_of(new.account))
    refuse_foreign_holder(leader, new)
    hold(leader)
    if leader.payee_frozen_at is not None:
        raise PayeeFrozenError
    change = _written(leader, new, way=Way.PORTAL, by=by)
    _apply(change, leader)
    return change


@transact()
def propose_payee(*, party: Party, new: NewAccount, by: Any) -> PayeeChange:
    """Staff write an account down for a leader or a supplier; a second person lets it be so.

    AccountNumberError, HolderDiffersError, PayeeProposedError while another waits.
    """
    refuse_mistyped(digits_of(new.account))
    refuse_foreign_holder(party, new)
    try:
        with transaction.atomic():
            return _written(party, new, way=Way.ADMIN, by=by)
    except IntegrityError as error:
        raise PayeeProposedError from error


@transact()
def decide_payee(*, change: PayeeChange, by: Any, is_agreed: bool) -> None:
    """Let an account be so that another proposed, or not; it also ends a freeze.

    SecondPersonError for who proposed it and for the leader herself, IllegalTransitionError where
    it was decided already.
    """
    party = change.party
    if is_agreed and by.pk in {change.asked_by_id, party.user_id}:
        raise SecondPersonError
    to = Status.APPLIED if is_agreed else Status.REFUSED
    if not advance(change, PayeeChange.EDGES, to, decided_by=by, decided_at=now()):
        raise IllegalTransitionError(to=to)
    if is_agreed:
        hold(party)
        _apply(change, party)


def _written(party: Party, new: NewAccount, *, way: str, by: Any) -> PayeeChange:
    digits = digits_of(new.account)
    of = {"leader": party} if isinstance(party, Leader) else {"supplier": party}
    is_proposal = way == Way.ADMIN
    return PayeeChange.objects.create(
        **of,
        key=secrets.token_hex(16),
        way=way,
        bank=new.bank.strip()[:60],
        holder=new.holder.strip()[:60],
        account_sealed=seal(digits),
        last4=digits[-4:],
        before_masked=party.payee_masked,
        reason=new.reason.strip()[:200],
        status=Status.PROPOSED if is_proposal else Status.APPLIED,
        asked_by=by,
        asked_at=now(),
        decided_at=None if is_proposal else now(),
    )


def _apply(change: PayeeChange, party: Party) -> None:
    """Put an account in force; one that replaces another cools, and she is told. Party held."""
    replaces = party.has_payee
    type(party)._default_manager.filter(pk=party.pk).update(  # noqa: SLF001 - Django documents it
        payee_bank=change.bank,
        payee_name=change.holder,
        payee_account_sealed=change.account_sealed,
        payee_last4=change.last4,
        payee_changed_at=now() if replaces else None,
        payee_frozen_at=None,
    )
    party.refresh_from_db()
    call_back(party, why="payee_changed")
    log.info("payee.changed", party=party.ref, last4=change.last4, way=change.way)
    if change.way != Way.SETUP or replaces:
        _tell_changed(change, party)


def _tell_changed(change: PayeeChange, party: Party) -> None:
    """Tell payee.changed: user_id, old, new (masked), link (the door that says it was not me)."""
    publish(
        "payee.changed",
        key=f"payee.changed:{change.key}",
        aggregate=f"payee:{party.ref}",
        payload={
            "user_id": party.user_id,
            "old": change.before_masked,
            "new": change.masked,
            "link": reverse("groupleader:not-me", args=[change.key]),
        },
    )


def change_by_key(key: str) -> PayeeChange | None:
    """Return the change a message names, if it is one in force; the key is the only proof.

    Half a year after it was asked for the link opens nothing: an old message in somebody's hands
    must not stop payouts for ever.
    """
    rows = PayeeChange.objects.select_related("leader__user", "supplier")
    since = now() - DENIABLE
    return rows.filter(key=key, status=Status.APPLIED, asked_at__gt=since).first()


@transact()
def deny_change(*, change: PayeeChange) -> None:
    """Somebody says that a change was not hers: payouts stop at once, and staff are called.

    Said twice, nothing happens twice.
    """
    party = change.party
    hold(party)
    at = now()
    first = PayeeChange.objects.filter(pk=change.pk, denied_at=None).update(denied_at=at)
    if not first:
        return
    type(party)._default_manager.filter(pk=party.pk).update(payee_frozen_at=at)  # noqa: SLF001 - Django documents it
    call_back(party, why="payee_frozen")
    log.warning("payee.denied", party=party.ref, change=change.pk)
    publish(
        "payee.denied",
        key=f"payee.denied:{change.key}",
        aggregate=f"payee:{party.ref}",
        payload={
            "staff_ids": _deciders(),
            "name": party.name,
            "old": change.before_masked,
            "new": change.masked,
            "link": reverse("admin:groupleader_payeechange_change", args=[change.pk]),
        },
    )


def _deciders() -> list[int]:
    """Return who of staff may decide about accounts."""
    may = Permission.objects.filter(
        codename="decide_payeechange", content_type__app_label="groupleader"
    )
    people = get_user_model().objects.filter(is_staff=True, is_active=True)
    chosen = people.filter(
        Q(is_superuser=True) | Q(user_permissions__in=may) | Q(groups__permissions__in=may)
    )
    return sorted(chosen.distinct().values_list("pk", flat=True))


@transact()
def reveal_account(*, change: PayeeChange, by: Any, reason: str) -> str:
    """Open one account number for somebody of staff and write down who looked, and why.

    EvidenceMissingError without a reason. The caller has checked reveal_payeechange.
    """
    if not reason.strip():
        raise EvidenceMissingError
    PayeeReveal.objects.create(change=change, by=by, at=now(), reason=reason.strip()[:200])
    log.info("payee.revealed", change=change.pk, by=by.get_username())
    return unseal(change.account_sealed)
