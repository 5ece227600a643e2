"""Fees that are not booked payment by payment: a whole statement's, and fen of rounding."""

from __future__ import annotations

from django.db.models import Count, Sum

from payments.kernel.clock import now
from payments.kernel.money import Money
from payments.kernel.numbers import derived_number
from payments.ledger import recipes
from payments.ledger.balances import posted_entries
from payments.reconciliation.case_steps import write_steps
from payments.reconciliation.cases import CASE, cases_of
from payments.reconciliation.models import Bill, Discrepancy, ReconciliationCase, RecordKind
from payments.reconciliation.worksheet import has_contract_fee, tolerated_fees


def fees_in(bill: Bill) -> int:
    """Return all fees a statement charges, in minor units: on its lines, and by lines of theirs."""
    on_lines = sum(sums["fee"] for sums in bill.totals.values())
    own_lines = bill.totals.get(RecordKind.FEE, {}).get("moved", 0)
    return int(on_lines + own_lines)


def book_fees_of_bill(bill: Bill) -> None:
    """Book a statement's fees as one journal, for an account without a contract's rate.

    In a transaction. A later version books what it says more or less than the ones before.
    """
    if has_contract_fee(bill):
        return
    more = fees_in(bill) - _booked_for(bill)
    if more:
        recipes.fees_of_bill(
            account_code=bill.account_code,
            day=bill.day,
            bill=bill.kind,
            version=bill.version,
            fees=Money(more, _currency(bill)),
        )


def _booked_for(bill: Bill) -> int:
    prefix = f"bill_fee:{bill.account_code}:{bill.day}:{bill.kind}:"
    legs = posted_entries().filter(transaction__ref__startswith=prefix, account="6401")
    return int(legs.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _currency(bill: Bill) -> str:
    first = bill.lines.values_list("currency", flat=True).first()
    return first or "CNY"


def book_tolerated_fees(bill: Bill) -> None:
    """Book fen by which fees differ from the contract's, all of a statement as one case.

    In a transaction. Never more than the tolerance for each line (X2); what differs more is a case
    of its own. The case is born closed and names nobody: the rule decided. Compared again, or by a
    later version, only what it is more or less than before is booked.
    """
    earlier = cases_of(bill).filter(resolution=ReconciliationCase.Resolution.TOLERATED)
    before = earlier.aggregate(minor=Sum("bill_fee_minor", default=0), count=Count("pk"))
    count, all_minor = tolerated_fees(bill)
    minor = all_minor - int(before["minor"])
    if not minor:
        return
    number = _tolerance_number(bill, int(before["count"]) + 1)
    case = ReconciliationCase(
        case_no=number,
        bill=bill,
        account_code=bill.account_code,
        merchant=bill.merchant,
        day=bill.day,
        record_kind=RecordKind.FEE,
        discrepancy=Discrepancy.FEE,
        currency=_currency(bill),
        bill_fee_minor=minor,
        ours_fee_minor=0,
        state=ReconciliationCase.State.CLOSED,
        resolution=ReconciliationCase.Resolution.TOLERATED,
        reason=f"{count} lines",
        created_at=now(),
        closed_at=now(),
    )
    ReconciliationCase.objects.bulk_create([case])
    write_steps([case], "tolerated", note=f"{count} lines, {minor} together")
    recipes.difference_approved(
        case_no=number, account_code=bill.account_code, loss=Money(minor, case.currency)
    )


def _tolerance_number(bill: Bill, ordinal: int) -> str:
    parts = (bill.merchant, bill.kind, "tolerance", str(ordinal))
    return derived_number(CASE, bill.day, bill.account_code, *parts)
