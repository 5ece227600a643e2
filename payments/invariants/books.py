"""Rules of the books: journals balance, are closed and guarded, and each has its event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Concat, Substr

from payments.kernel.checking import CheckResult, result_of
from payments.ledger.accounts import CHART
from payments.ledger.balances import trial_balance
from payments.models import (
    Decision,
    JournalEntry,
    JournalTransaction,
    Payment,
    Refund,
    SplitReturn,
    SplitShare,
    Transfer,
)

GUARDS: Final = {
    "sqlite": {
        "journal_header_opened",
        "journal_header_replaced",
        "journal_header_changed",
        "journal_header_posted",
        "journal_header_deleted",
        "journal_leg_added",
        "journal_leg_replaced",
        "journal_leg_changed",
        "journal_leg_deleted",
        "journal_day_sealed",
        "seal_follows",
        "seal_changed",
        "seal_deleted",
    },
    "postgresql": {
        "journal_header_opened",
        "journal_header_changed",
        "journal_header_deleted",
        "journal_header_emptied",
        "journal_header_left_open",
        "journal_leg_added",
        "journal_leg_changed",
        "journal_leg_emptied",
        "journal_day_sealed",
        "seal_follows",
        "seal_changed",
        "seal_emptied",
    },
}


def journals_balance() -> CheckResult:
    """L1: each journal sums to nothing in each currency."""
    sums = (
        JournalEntry.objects.order_by()
        .values("transaction__ref", "currency")
        .annotate(total=Sum("amount_minor"))
        .exclude(total=0)
    )
    return result_of(
        "L1 every journal balances",
        rows=JournalEntry.objects.count(),
        wrong=(
            (row["transaction__ref"], f"off by {row['total']} {row['currency']}")
            for row in sums.iterator()
        ),
    )


def journals_have_two_legs() -> CheckResult:
    """L1: a journal has two legs or more, and no leg of nothing."""
    short = JournalTransaction.objects.annotate(legs=Count("entries")).filter(legs__lt=2)
    empty = JournalEntry.objects.filter(amount_minor=0).select_related("transaction")

    def wrong() -> Iterator[tuple[str, str]]:
        for journal in short.iterator():
            yield journal.ref, f"{journal.legs} legs"
        for leg in empty.iterator():
            yield leg.transaction.ref, "a leg of nothing"

    return result_of(
        "L1 every journal has two legs or more",
        rows=JournalTransaction.objects.count(),
        wrong=wrong(),
    )


def no_journal_left_open() -> CheckResult:
    """L1: a header without its posting is a crash that left something behind."""
    left = JournalTransaction.objects.filter(posted=False)
    return result_of(
        "L1 no journal is left open",
        rows=JournalTransaction.objects.count(),
        wrong=((journal.ref, "not posted") for journal in left.iterator()),
    )


def trial_balance_is_nothing() -> CheckResult:
    """L2: all accounts together sum to nothing in each currency."""
    rows = trial_balance()
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.debit_minor - row.credit_minor
    return result_of(
        "L2 the trial balance is zero",
        rows=len(rows),
        wrong=((currency, f"off by {total}") for currency, total in sums.items() if total),
    )


def accounts_are_in_the_chart() -> CheckResult:
    """L2: nothing is booked on an account nobody knows."""
    used = JournalEntry.objects.order_by().values_list("account", flat=True).distinct()
    return result_of(
        "L2 every account is in the chart",
        rows=len(used),
        wrong=((code, "not in the chart of accounts") for code in used if code not in CHART),
    )


def guards_stand() -> CheckResult:
    """L3: the database still refuses to change what is written (a rebuilt table loses triggers)."""
    expected = GUARDS[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        found = {name for (name,) in cursor.fetchall()}
    return result_of(
        "L3 the database guards the books",
        rows=len(expected),
        wrong=((name, "guard is missing") for name in sorted(expected - found)),
    )


@dataclass(frozen=True)
class Pairing:
    """A kind of journal and the rows of ours that must each have exactly one, and only those."""

    name: str
    prefix: str
    rows: QuerySet[Model]
    number: str


def _pairings() -> tuple[Pairing, ...]:
    paid_out = ["succeeded", "returned"]
    return (
        Pairing("capture", "capture:", Payment.objects.filter(application="applied"), "payment_no"),
        Pairing("surplus", "late:", Payment.objects.filter(application="surplus"), "payment_no"),
        Pairing("refund", "refund:", Refund.objects.all(), "refund_no"),
        Pairing(
            "refund done",
            "refund_ok:",
            Refund.objects.filter(succeeded_at__isnull=False),
            "refund_no",
        ),
        Pairing(
            "transfer", "payout_ok:", Transfer.objects.filter(status__in=paid_out), "transfer_no"
        ),
        Pairing(
            "transfer back",
            "payout_back:",
            Transfer.objects.filter(status="returned"),
            "transfer_no",
        ),
        Pairing("share", "split:", SplitShare.objects.filter(status="succeeded"), "share_no"),
        Pairing(
            "share back", "split_back:", SplitReturn.objects.filter(status="succeeded"), "return_no"
        ),
        Pairing(
            "share advanced",
            "split_advance:",
            SplitReturn.objects.filter(advanced_at__isnull=False),
            "return_no",
        ),
        Pairing(
            "held money",
            "held:",
            Decision.objects.filter(kind="held_return", status="carried_out"),
            "decision_no",
        ),
        Pairing(
            "refund by hand",
            "refund_hand:",
            Refund.objects.filter(status="paid_by_hand"),
            "refund_no",
        ),
    )


def events_and_journals_pair() -> list[CheckResult]:
    """L4: every business event has its journal, and every journal its business event."""
    return [_paired(pairing) for pairing in _pairings()]


def _paired(pairing: Pairing) -> CheckResult:
    journals = JournalTransaction.objects.filter(ref__startswith=pairing.prefix)
    journal = JournalTransaction.objects.filter(
        ref=Concat(Value(pairing.prefix), OuterRef(pairing.number)), posted=True
    )
    without_journal = pairing.rows.exclude(Exists(journal))
    number = Substr("ref", len(pairing.prefix) + 1)
    event = pairing.rows.filter(**{pairing.number: OuterRef("event_no")})
    without_event = journals.annotate(event_no=number).exclude(Exists(event))

    def wrong() -> Iterator[tuple[str, str]]:
        for found in without_journal.values_list(pairing.number, flat=True).iterator():
            yield found, f"no journal {pairing.prefix}{found}"
        for ref in without_event.values_list("ref", flat=True).iterator():
            yield ref, "a journal without its business event"

    return result_of(
        f"L4 {pairing.name}: one event, one journal", rows=pairing.rows.count(), wrong=wrong()
    )


def no_drawer_below_nothing() -> CheckResult:
    """L6: nobody collects, gets back or is paid more than lay in the drawer for it."""
    drawers = ("2101", "2111", "2112", "2113", "2202", "2302", "2901")
    overdrawn = (
        JournalEntry.objects.filter(account__in=drawers, transaction__posted=True)
        .order_by()
        .values("account", "party", "reference", "currency")
        .annotate(total=Sum("amount_minor"))
    )
    return result_of(
        "L6 no prepayment, refund or payout drawer is overdrawn",
        rows=overdrawn.count(),
        wrong=(
            (row["reference"], f"{row['account']} is overdrawn by {row['total']}")
            for row in overdrawn.filter(total__gt=0).iterator()
        ),
    )


def surplus_drawers_empty() -> CheckResult:
    """L6: surplus is promised back in the transaction that took it, so nothing stays in 2112."""
    left = (
        JournalEntry.objects.filter(account="2112", transaction__posted=True)
        .order_by()
        .values("reference")
        .annotate(total=Sum("amount_minor"))
    )
    return result_of(
        "L6 nothing stays in late and double payments",
        rows=left.count(),
        wrong=((row["reference"], f"{-row['total']} left") for row in left.exclude(total=0)),
    )


BOOK_RULES = (
    journals_balance,
    journals_have_two_legs,
    no_journal_left_open,
    trial_balance_is_nothing,
    accounts_are_in_the_chart,
    guards_stand,
    events_and_journals_pair,
    no_drawer_below_nothing,
    surplus_drawers_empty,
)
