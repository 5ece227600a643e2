"""Reading the books: what lies in each drawer, the trial balance, an account's statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

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


def movements_by_label(
    account: Account | str,
    *,
    kinds: Sequence[str],
    since: date | None = None,
    until: date | None = None,
    currency: str = "CNY",
) -> dict[tuple[str, str], int]:
    """Return what journals of some kinds moved on an account per (party, reference), in fen.

    Debit positive. `since` and `until` are business days in Shanghai, both included.
    """
    code = account if isinstance(account, str) else account.code
    legs = posted_entries().filter(
        account=CHART[code].code, currency=currency, transaction__kind__in=kinds
    )
    if since is not None:
        legs = legs.filter(transaction__business_date__gte=since)
    if until is not None:
        legs = legs.filter(transaction__business_date__lte=until)
    sums = legs.order_by().values_list("party", "reference").annotate(total=Sum("amount_minor"))
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


@dataclass(frozen=True, kw_only=True)
class Statement:
    """An account's legs by business day, narrowed by its labels and to a range of days.

    Days are Shanghai's, both ends included. The running balance begins with what was there before
    `since`, of the same labels.
    """

    account: str
    party: str | None = None
    reference: str | None = None
    since: date | None = None
    until: date | None = None

    def legs(self) -> QuerySet[JournalEntry]:
        """Return the legs, oldest first."""
        found = self._labelled()
        if self.since is not None:
            found = found.filter(transaction__business_date__gte=self.since)
        if self.until is not None:
            found = found.filter(transaction__business_date__lte=self.until)
        return found.order_by("transaction__business_date", "pk")

    def opening(self) -> dict[str, int]:
        """Return the balance per currency before the first day, in minor units."""
        if self.since is None:
            return {}
        return _by_currency(self._labelled().filter(transaction__business_date__lt=self.since))

    def closing(self) -> dict[str, int]:
        """Return the balance per currency at the end of the last day, in minor units."""
        found = self._labelled()
        if self.until is not None:
            found = found.filter(transaction__business_date__lte=self.until)
        return _by_currency(found)

    def running(self, wanted: slice = slice(None)) -> list[JournalEntry]:
        """Return some of the legs, each with the balance after it in `balance_minor`."""
        opening = self.opening()
        return [_after(leg, opening) for leg in self._summed()[wanted]]

    def stream(self) -> Iterator[JournalEntry]:
        """Yield all legs like `running`, holding few of them at a time."""
        opening = self.opening()
        for leg in self._summed().iterator(chunk_size=1000):
            yield _after(leg, opening)

    def _labelled(self) -> QuerySet[JournalEntry]:
        found = posted_entries().filter(account=self.account)
        if self.party is not None:
            found = found.filter(party=self.party)
        if self.reference is not None:
            found = found.filter(reference=self.reference)
        return found

    def _summed(self) -> QuerySet[Any]:
        order = [F("transaction__business_date").asc(), F("pk").asc()]
        running = Window(Sum("amount_minor"), partition_by=[F("currency")], order_by=order)
        return self.legs().select_related("transaction").annotate(balance_minor=running)


def _after(leg: Any, opening: dict[str, int]) -> JournalEntry:
    leg.balance_minor += opening.get(leg.currency, 0)
    return cast("JournalEntry", leg)


def _by_currency(legs: QuerySet[JournalEntry]) -> dict[str, int]:
    return dict(legs.order_by().values_list("currency").annotate(total=Sum("amount_minor")))


def journals_of(refs: Iterable[str]) -> QuerySet[JournalTransaction]:
    """Return the posted journals of these business events with their legs, oldest first."""
    return (
        JournalTransaction.objects.filter(ref__in=list(refs), posted=True)
        .prefetch_related(Prefetch("entries", JournalEntry.objects.order_by("pk")))
        .order_by("pk")
    )
