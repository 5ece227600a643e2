"""What each decision writes into the books: what is there and not booked, or booked and not there.

Every booking follows from one figure, the case's surplus: what lies at the acquirer beyond our
books (长款), negative where it is missing there (短款).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from payments.kernel.money import Money
from payments.ledger import recipes
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models import JournalTransaction
from payments.reconciliation.models import ReconciliationCase, RecordKind, SettlementBatch
from payments.reconciliation.settling import BANK, LINES, book_batch

Action = ReconciliationCase.Action


def book(case: ReconciliationCase, action: str) -> int:
    """Book a decision, once; return what hangs in the books afterwards. In a transaction.

    Positive: money we hold for somebody (2901). Negative: money that is missing (1901).
    """
    hung = _BOOKINGS[Action(action)](case)
    if case.record_kind == RecordKind.SETTLEMENT and case.related_no == LINES:
        _book_the_batch(case)
    return hung


def _book_the_batch(case: ReconciliationCase) -> None:
    """However its difference was decided, the batch itself was paid."""
    batch = SettlementBatch.objects.get(merchant=case.merchant, batch_no=case.acquirer_no)
    book_batch(batch)


def _paper(case: ReconciliationCase) -> dict[str, Any]:
    paper: dict[str, Any] = {
        "case_no": case.case_no,
        "account_code": case.account_code,
        "again": case.round,
    }
    # Transfers leave from what was settled already, and a batch that did not arrive is missing
    # there too: our bank account in the books.
    if case.record_kind == RecordKind.TRANSFER or case.related_no == BANK:
        paper["bank_account"] = MAIN_ACCOUNT
    return paper


def _accept(case: ReconciliationCase) -> int:
    if case.surplus_minor:
        recipes.difference_approved(loss=Money(-case.surplus_minor, case.currency), **_paper(case))
    return 0


def _hang_up(case: ReconciliationCase) -> int:
    surplus = case.surplus_minor
    amount = Money(abs(surplus), case.currency)
    if surplus > 0:
        recipes.unidentified_receipt(amount=amount, **_paper(case))
    elif surplus < 0:
        recipes.missing_receipt(amount=amount, **_paper(case))
    return surplus


def _return_money(case: ReconciliationCase) -> int:
    recipes.unidentified_returned(amount=Money(case.hung_minor, case.currency), **_paper(case))
    return 0


def _found_later(case: ReconciliationCase) -> int:
    recipes.missing_receipt_found(amount=Money(-case.hung_minor, case.currency), **_paper(case))
    return 0


def _write_off(case: ReconciliationCase) -> int:
    recipes.hung_written_off(
        case_no=case.case_no, hung=Money(case.hung_minor, case.currency), again=case.round
    )
    return 0


def _nothing(case: ReconciliationCase) -> int:
    return case.hung_minor


def _reverse(case: ReconciliationCase) -> int:
    for ref in booked_refs(case):
        recipes.booking_reversed(ref=ref)
    return 0


def booked_refs(case: ReconciliationCase) -> list[str]:
    """Return the journals of a case that still stand, in the order they were written."""
    kinds = ("recon", "recon_back", "recon_off")
    event = f"{case.case_no}:{case.round}" if case.round else case.case_no
    refs = [f"{kind}:{event}" for kind in kinds]
    found = JournalTransaction.objects.filter(ref__in=refs).order_by("pk")
    return list(found.values_list("ref", flat=True))


_BOOKINGS: Final[dict[str, Callable[[ReconciliationCase], int]]] = {
    Action.ACCEPT_BILL: _accept,
    Action.HANG_UP: _hang_up,
    Action.RETURN_MONEY: _return_money,
    Action.FOUND_LATER: _found_later,
    Action.WRITE_OFF: _write_off,
    Action.IGNORE_KNOWN: _nothing,
    Action.BELIEVE_BILL: _nothing,
    Action.REVERSE: _reverse,
}
