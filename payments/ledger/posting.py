"""Writing into the books: one journal per business event, balanced or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from payments.kernel.clock import business_date, now
from payments.kernel.errors import LinliError, NotInTransactionError
from payments.kernel.money import Money
from payments.ledger.accounts import CHART, Account
from payments.ledger.sealing import open_day
from payments.models.ledger import JournalEntry, JournalTransaction


class UnbalancedJournalError(ValueError):
    """A programming error: the two sides of a journal differ, or there is nothing to write."""


class JournalConflictError(LinliError):
    """The same business event was already written into the books with other figures."""

    code = "journal_conflict"
    message = _("This event is already in the books with other figures.")


@dataclass(frozen=True, slots=True)
class Leg:
    """An amount on one account, never negative; the side is where it stands in the journal."""

    account: Account
    amount: Money
    party: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        """Refuse an account outside the chart, a missing or stray label, a negative amount."""
        if CHART.get(self.account.code) is not self.account:
            raise ValueError(f"{self.account.code} is not in the chart")
        if bool(self.party) != (self.account.party is not None):
            raise ValueError(f"{self.account.code}: party {self.party!r} does not fit the account")
        if bool(self.reference) != (self.account.reference is not None):
            raise ValueError(f"{self.account.code}: reference {self.reference!r} does not fit")
        if self.amount.minor < 0:
            raise ValueError(
                f"{self.account.code}: a leg of {self.amount} belongs on the other side"
            )


_Line = tuple[str, str, str, int, str]


def post(
    *,
    ref: str,
    kind: str,
    debits: Sequence[Leg],
    credits_: Sequence[Leg],
    on: date | None = None,
    memo: str = "",
) -> JournalTransaction:
    """Write one business event, as part of the transaction that makes it true.

    Legs of nothing are left out. Repeated with the same figures, the first journal is returned;
    with others JournalConflictError. NotInTransactionError outside a transaction,
    UnbalancedJournalError where debits and credits differ in any currency. `on` is the business
    day in Shanghai, today unless said otherwise; what belongs to a sealed day is booked today,
    and the memo says which day it belongs to.
    """
    if not connection.in_atomic_block:
        raise NotInTransactionError(f"{ref} must be written with the change that makes it true")
    lines = _lines(debits, credits_)
    _require_balance(ref, lines)
    journal = _open(ref=ref, kind=kind, on=on or business_date(), memo=memo)
    if journal is None:
        return _the_same(ref=ref, kind=kind, lines=lines)
    JournalEntry.objects.bulk_create(
        JournalEntry(
            transaction=journal,
            account=account,
            party=party,
            reference=reference,
            amount_minor=minor,
            currency=currency,
        )
        for account, party, reference, minor, currency in lines
    )
    JournalTransaction.objects.filter(pk=journal.pk, posted=False).update(posted=True)
    journal.posted = True
    return journal


def _lines(debits: Iterable[Leg], credits_: Iterable[Leg]) -> list[_Line]:
    sided = [(1, leg) for leg in debits] + [(-1, leg) for leg in credits_]
    return [
        (leg.account.code, leg.party, leg.reference, side * leg.amount.minor, leg.amount.currency)
        for side, leg in sided
        if leg.amount
    ]


def _require_balance(ref: str, lines: Sequence[_Line]) -> None:
    sums: Counter[str] = Counter()
    for _account, _party, _reference, minor, currency in lines:
        sums[currency] += minor
    if not lines or any(sums.values()):
        raise UnbalancedJournalError(f"{ref} does not balance: {dict(sums)}")


def _open(*, ref: str, kind: str, on: date, memo: str) -> JournalTransaction | None:
    """Insert the unposted header; None where the event is already in the books."""
    try:
        return _insert(ref=ref, kind=kind, on=on, memo=memo)
    except IntegrityError:
        if JournalTransaction.objects.filter(ref=ref).exists():
            return None
        day = open_day(on)
        if day == on:
            raise
    return _insert(ref=ref, kind=kind, on=day, memo=f"{memo} (of {on})".strip()[:200])


def _insert(*, ref: str, kind: str, on: date, memo: str) -> JournalTransaction:
    with transaction.atomic():
        return JournalTransaction.objects.create(
            ref=ref, kind=kind, business_date=on, memo=memo, created_at=now()
        )


def _the_same(*, ref: str, kind: str, lines: Sequence[_Line]) -> JournalTransaction:
    """Return the journal already written for this event, if it says the same."""
    journal = JournalTransaction.objects.get(ref=ref)
    written = Counter(
        journal.entries.values_list("account", "party", "reference", "amount_minor", "currency")
    )
    if journal.kind != kind or written != Counter(lines):
        raise JournalConflictError(ref=ref)
    return journal
