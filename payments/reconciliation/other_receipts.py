"""Bookings on our bank account that are no acquirer's batch: found for who waits for money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.kernel.errors import LinliError
from payments.kernel.money import Money
from payments.reconciliation.models import BankLine
from payments.services.transactions import require_transaction


class BankLineTakenError(LinliError):
    """A booking proves one receipt and no second one."""

    code = "bank_line_taken"
    message = _("This booking of the bank is used already, or unknown.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLineView:
    """One booking on our bank account as the bank's file says it; in is positive."""

    key: int
    bank_account: str
    bank_ref: str
    day: date
    amount: Money
    counterparty: str
    memo: str


def free_bank_lines(
    *, search: str = "", minor: int | None = None, since: date | None = None, limit: int = 50
) -> list[BankLineView]:
    """Return bookings nothing stands for yet, newest first; `search` looks at payer and memo."""
    rows = BankLine.objects.filter(batch=None, used_for="")
    if search:
        rows = rows.filter(
            Q(counterparty__icontains=search)
            | Q(memo__icontains=search)
            | Q(bank_ref__icontains=search)
        )
    if minor is not None:
        rows = rows.filter(amount_minor=minor)
    if since is not None:
        rows = rows.filter(day__gte=since)
    return _views(list(rows.order_by("-day", "-pk")[:limit]))


def use_bank_line(key: int, *, used_for: str) -> BankLineView:
    """Let a booking prove one receipt, `used_for` its number. In a transaction.

    BankLineTakenError where a batch or another receipt has it, or there is none of that key.
    """
    require_transaction()
    rows = BankLine.objects.filter(pk=key, batch=None, used_for="")
    if not rows.update(used_for=used_for[:80]):
        raise BankLineTakenError(key=key)
    return _views([BankLine.objects.get(pk=key)])[0]


def _views(lines: Sequence[BankLine]) -> list[BankLineView]:
    return [
        BankLineView(
            key=line.pk,
            bank_account=line.bank_account,
            bank_ref=line.bank_ref,
            day=line.day,
            amount=line.amount,
            counterparty=line.counterparty,
            memo=line.memo,
        )
        for line in lines
    ]
