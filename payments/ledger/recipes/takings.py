"""Money comes in: captures, money nobody can use, the acquirer's fee, its daily batch."""

from __future__ import annotations

from collections.abc import Sequence

from payments.kernel.money import Money
from payments.kernel.tenders import TenderPart
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    ACQUIRER_FEE,
    BANK,
    CUSTOMER_PREPAYMENT,
    SURPLUS_TO_REFUND,
    UNIDENTIFIED_RECEIPTS,
)
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.tenders import funders_legs, paid_by_the_payer, total_of
from payments.models.ledger import JournalTransaction

MAIN_ACCOUNT = "main"


def payment_captured(
    *, payment_no: str, order_ref: str, account_code: str, tenders: Sequence[TenderPart]
) -> JournalTransaction:
    """The payer paid her part and the others owe theirs; the shop owes goods for all of it."""
    total = total_of(tenders)
    paid = Money(paid_by_the_payer(tenders), total.currency)
    return post(
        ref=f"capture:{payment_no}",
        kind="capture",
        debits=[Leg(ACQUIRER_CLEARING, paid, party=account_code), *funders_legs(tenders)],
        credits_=[Leg(CUSTOMER_PREPAYMENT, total, reference=order_ref)],
    )


def payment_surplus(*, payment_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """Money came too late or twice: no goods are owed for it, only its way back."""
    return post(
        ref=f"late:{payment_no}",
        kind="surplus",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[Leg(SURPLUS_TO_REFUND, amount, reference=payment_no)],
    )


def fee_charged(*, payment_no: str, account_code: str, fee: Money) -> JournalTransaction:
    """The acquirer keeps its fee of a payment."""
    return post(
        ref=f"fee:{payment_no}",
        kind="fee",
        debits=[Leg(ACQUIRER_FEE, fee, party=account_code)],
        credits_=[Leg(ACQUIRER_CLEARING, fee, party=account_code)],
    )


def held_receipt(*, case_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """Two people decided that money held under a payment's number did come, and goes back."""
    return post(
        ref=f"held:{case_no}",
        kind="held",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
    )


def acquirer_batch(
    *, account_code: str, batch_no: str, net: Money, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The acquirer pays out a day's takings; a negative net is taken from our bank account."""
    amount = Money(abs(net.minor), net.currency)
    at_bank = Leg(BANK, amount, party=bank_account)
    at_acquirer = Leg(ACQUIRER_CLEARING, amount, party=account_code)
    to, of = (at_bank, at_acquirer) if net.minor >= 0 else (at_acquirer, at_bank)
    return post(ref=f"batch:{account_code}:{batch_no}", kind="batch", debits=[to], credits_=[of])
