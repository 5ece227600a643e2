"""Where the acquirer's file and our books differ: hung up under a case until it is decided."""

from __future__ import annotations

from payments.kernel.money import Money
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    RECONCILIATION_DIFFERENCE,
    RECONCILIATION_RECEIVABLE,
    UNIDENTIFIED_RECEIPTS,
)
from payments.ledger.posting import Leg, post
from payments.models.ledger import JournalTransaction


def difference_approved(*, case_no: str, account_code: str, loss: Money) -> JournalTransaction:
    """Two people approved what the file says: a loss of ours, or a gain where it is negative."""
    amount = Money(abs(loss.minor), loss.currency)
    ours = Leg(RECONCILIATION_DIFFERENCE, amount, reference=case_no)
    clearing = Leg(ACQUIRER_CLEARING, amount, party=account_code)
    to, of = (ours, clearing) if loss.minor >= 0 else (clearing, ours)
    return post(ref=f"recon:{case_no}", kind="recon", debits=[to], credits_=[of])


def unidentified_receipt(*, case_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """The acquirer has money for which we have no order."""
    return post(
        ref=f"recon:{case_no}",
        kind="recon",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
    )


def unidentified_returned(*, case_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """Money without an order went back to where it came from."""
    return post(
        ref=f"recon_back:{case_no}",
        kind="recon_back",
        debits=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
        credits_=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
    )


def missing_receipt(*, case_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """We booked a payment that the acquirer's file does not have."""
    return post(
        ref=f"recon:{case_no}",
        kind="recon",
        debits=[Leg(RECONCILIATION_RECEIVABLE, amount, reference=case_no)],
        credits_=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
    )


def missing_receipt_found(*, case_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """The missing payment came in a later file."""
    return post(
        ref=f"recon_back:{case_no}",
        kind="recon_back",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[Leg(RECONCILIATION_RECEIVABLE, amount, reference=case_no)],
    )
