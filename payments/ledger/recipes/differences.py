"""Where the acquirer's file and our books differ: hung up under a case until it is decided.

A case may be decided, taken back and decided again: `again` counts the bookings taken back before,
so that each is one business event of its own. What differs about transfers lies in the bank account
they leave from (`bank_account`), everything else at the acquirer.
"""

from __future__ import annotations

from datetime import date

from payments.kernel.money import Money
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    ACQUIRER_FEE,
    BANK,
    RECONCILIATION_DIFFERENCE,
    RECONCILIATION_RECEIVABLE,
    UNIDENTIFIED_RECEIPTS,
    account_of,
)
from payments.ledger.posting import Leg, post
from payments.models.ledger import JournalTransaction


def _where(account_code: str, bank_account: str, amount: Money) -> Leg:
    if bank_account:
        return Leg(BANK, amount, party=bank_account)
    return Leg(ACQUIRER_CLEARING, amount, party=account_code)


def _event(case_no: str, again: int) -> str:
    return f"{case_no}:{again}" if again else case_no


def difference_approved(
    *, case_no: str, account_code: str, loss: Money, bank_account: str = "", again: int = 0
) -> JournalTransaction:
    """Two people approved what the file says: a loss of ours, or a gain where it is negative."""
    amount = Money(abs(loss.minor), loss.currency)
    ours = Leg(RECONCILIATION_DIFFERENCE, amount, reference=case_no)
    there = _where(account_code, bank_account, amount)
    to, of = (ours, there) if loss.minor >= 0 else (there, ours)
    return post(ref=f"recon:{_event(case_no, again)}", kind="recon", debits=[to], credits_=[of])


def unidentified_receipt(
    *, case_no: str, account_code: str, amount: Money, bank_account: str = "", again: int = 0
) -> JournalTransaction:
    """The acquirer has money for which we have no order."""
    return post(
        ref=f"recon:{_event(case_no, again)}",
        kind="recon",
        debits=[_where(account_code, bank_account, amount)],
        credits_=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
    )


def unidentified_returned(
    *, case_no: str, account_code: str, amount: Money, bank_account: str = "", again: int = 0
) -> JournalTransaction:
    """Money without an order went back to where it came from."""
    return post(
        ref=f"recon_back:{_event(case_no, again)}",
        kind="recon_back",
        debits=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
        credits_=[_where(account_code, bank_account, amount)],
    )


def missing_receipt(
    *, case_no: str, account_code: str, amount: Money, bank_account: str = "", again: int = 0
) -> JournalTransaction:
    """We booked a payment that the acquirer's file does not have."""
    return post(
        ref=f"recon:{_event(case_no, again)}",
        kind="recon",
        debits=[Leg(RECONCILIATION_RECEIVABLE, amount, reference=case_no)],
        credits_=[_where(account_code, bank_account, amount)],
    )


def missing_receipt_found(
    *, case_no: str, account_code: str, amount: Money, bank_account: str = "", again: int = 0
) -> JournalTransaction:
    """The missing payment came in a later file."""
    return post(
        ref=f"recon_back:{_event(case_no, again)}",
        kind="recon_back",
        debits=[_where(account_code, bank_account, amount)],
        credits_=[Leg(RECONCILIATION_RECEIVABLE, amount, reference=case_no)],
    )


def hung_written_off(*, case_no: str, hung: Money, again: int = 0) -> JournalTransaction:
    """Nobody will claim what hangs (positive: our gain) or bring what is missing (our loss)."""
    amount = Money(abs(hung.minor), hung.currency)
    difference = Leg(RECONCILIATION_DIFFERENCE, amount, reference=case_no)
    if hung.minor >= 0:
        to, of = Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no), difference
    else:
        to, of = difference, Leg(RECONCILIATION_RECEIVABLE, amount, reference=case_no)
    return post(
        ref=f"recon_off:{_event(case_no, again)}", kind="recon_off", debits=[to], credits_=[of]
    )


def booking_reversed(*, ref: str) -> JournalTransaction:
    """Two people took a decision back: every leg of its journal the other way round."""
    journal = JournalTransaction.objects.get(ref=ref)
    debits: list[Leg] = []
    credits_: list[Leg] = []
    for leg in journal.entries.order_by("pk"):
        amount = Money(abs(leg.amount_minor), leg.currency)
        back = Leg(account_of(leg.account), amount, party=leg.party, reference=leg.reference)
        (credits_ if leg.amount_minor > 0 else debits).append(back)
    return post(ref=f"undo:{ref}", kind="recon_undo", debits=debits, credits_=credits_)


def fees_of_bill(
    *, account_code: str, day: date, bill: str, fees: Money, version: int = 1
) -> JournalTransaction:
    """An account without a contract's rate: the acquirer kept what its statement says, together.

    A later version of the statement books only what it says more, or less (negative).
    """
    amount = Money(abs(fees.minor), fees.currency)
    ours = Leg(ACQUIRER_FEE, amount, party=account_code)
    there = Leg(ACQUIRER_CLEARING, amount, party=account_code)
    to, of = (ours, there) if fees.minor >= 0 else (there, ours)
    return post(
        ref=f"bill_fee:{account_code}:{day}:{bill}:{version}",
        kind="bill_fee",
        debits=[to],
        credits_=[of],
    )
