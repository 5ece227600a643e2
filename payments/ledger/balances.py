"""Reading the books: what lies in each drawer, the trial balance, an account's statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce

from payments.kernel.money import Money
from payments.ledger.accounts import CHART, Account
from payments.models.ledger import JournalEntry, JournalTransaction


@dataclass(frozen=True, kw_only=True)
class TrialBalanceRow:
    """One account of one currency: what was debited, what was credited, what is left."""

    account: Account | None
    code: str
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def debit(self) -> Money:
        """All that was debited."""
        return Money(self.debit_minor, self.currency)

    @property
    def credit(self) -> Money:
        """All that was credited, as a positive amount."""
        return Money(self.credit_minor, self.currency)

    @property
    def balance(self) -> Money:
        """Debits less credits: negative where the account stands on the credit side."""
        return self.debit - self.credit


def posted_entries() -> QuerySet[JournalEntry]:
    """Return the legs that count: those of posted journals."""
    return JournalEntry.objects.filter(transaction__posted=True)


def balance(
    account: Account | str,
    *,
    party: str | None = None,
    reference: str | None = None,
    currency: str = "CNY",
) -> int:
    """Return an account's balance in minor units, debit positive, narrowed by its labels."""
    code = account if isinstance(account, str) else account.code
    wanted: dict[str, Any] = {"account": CHART[code].code, "currency": currency}
    if party is not None:
        wanted["party"] = party
    if reference is not None:
        wanted["reference"] = reference
    found = posted_entries().filter(**wanted).aggregate(total=Coalesce(Sum("amount_minor"), 0))
    return int(found["total"])


def balances_by_label(
    account: Account | str, *, currency: str = "CNY"
) -> dict[tuple[str, str], int]:
    """Return an account's balance per (party, reference) in minor units, debit positive."""
    code = account if isinstance(account, str) else account.code
    sums = (
        posted_entries()
        .filter(account=CHART[code].code, currency=currency)
        .order_by()
        .values_list("party", "reference")
        .annotate(total=Sum("amount_minor"))
    )
    return {(party, reference): total for party, reference, total in sums}


def trial_balance(*, until: date | None = None) -> list[TrialBalanceRow]:
    """Return every account that was ever used, in the order of the chart's codes; one query.

    `until` includes the given business day; without it, everything counts.
    """
    entries = posted_entries()
    if until is not None:
        entries = entries.filter(transaction__business_date__lte=until)
    sums = (
        entries.order_by()
        .values("account", "currency")
        .annotate(
            debit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__gt=0)), 0),
            credit=Coalesce(Sum("amount_minor", filter=Q(amount_minor__lt=0)), 0),
        )
        .order_by("account", "currency")
    )
    return [
        TrialBalanceRow(
            account=CHART.get(row["account"]),
            code=row["account"],
            currency=row["currency"],
            debit_minor=row["debit"],
            credit_minor=-row["credit"],
        )
        for row in sums
    ]


def statement_of(
    account: Account | str, *, party: str | None = None, reference: str | None = None
) -> QuerySet[JournalEntry]:
    """Return an account's legs, oldest first, each with the running balance in `balance_minor`.

    The balance runs over the legs asked for, so a party's statement starts from nothing.
    """
    code = account if isinstance(account, str) else account.code
    entries = posted_entries().filter(account=code)
    if party is not None:
        entries = entries.filter(party=party)
    if reference is not None:
        entries = entries.filter(reference=reference)
    return (
        entries.select_related("transaction")
        .annotate(
            balance_minor=Window(
                Sum("amount_minor"), partition_by=[F("currency")], order_by=[F("pk").asc()]
            )
        )
        .order_by("pk")
    )


def journals_of(refs: Iterable[str]) -> QuerySet[JournalTransaction]:
    """Return the posted journals of these business events with their legs, oldest first."""
    return (
        JournalTransaction.objects.filter(ref__in=list(refs), posted=True)
        .prefetch_related(Prefetch("entries", JournalEntry.objects.order_by("pk")))
        .order_by("pk")
    )
