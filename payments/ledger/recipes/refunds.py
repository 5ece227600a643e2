"""Money goes back: asked for, arrived, refused, come back, paid by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payments.kernel.money import Money
from payments.kernel.tenders import TenderPart
from payments.ledger.accounts import (
    ACQUIRER_CLEARING,
    ACQUIRER_FEE,
    BANK,
    COST_OF_GOODS,
    CUSTOMER_PREPAYMENT,
    REFUND_BY_HAND,
    REFUND_IN_TRANSIT,
    REFUND_LOSS,
    REVENUE,
    SUPPLIER_PAYABLE,
    SURPLUS_TO_REFUND,
    UNIDENTIFIED_RECEIPTS,
)
from payments.ledger.funds import FundsMode, funds_mode
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.goods import SupplierPart, sum_of
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.ledger.recipes.tenders import (
    BankMoney,
    funders_legs,
    paid_by_the_payer,
    total_of,
)
from payments.models.ledger import JournalTransaction

BankMoneyByRef = BankMoney | Mapping[str, BankMoney]


def refund_requested(  # noqa: PLR0913 - a refund has that many sides
    *,
    refund_no: str,
    payment_no: str,
    order_ref: str,
    stage: str,
    tenders: Sequence[TenderPart],
    supplier_parts: Sequence[SupplierPart] = (),
    bank_money: BankMoneyByRef = BankMoney.OWED,
) -> JournalTransaction:
    """Write the journal of the stage the goods are at.

    `stage` is before_pickup, surplus, held, after_pickup or goodwill; ValueError for another
    word. Of held money `order_ref` is the decision under which it was hung up.
    `supplier_parts` are what suppliers give back after pick-up, by the split stored at sale;
    `bank_money` whether banks and authorities had paid their parts, for all or by their refs.
    """
    if stage == "before_pickup":
        return refund_before_pickup(
            refund_no=refund_no, order_ref=order_ref, tenders=tenders, bank_money=bank_money
        )
    if stage == "surplus":
        amount = total_of(tenders)
        return refund_of_surplus(refund_no=refund_no, payment_no=payment_no, amount=amount)
    if stage == "after_pickup":
        return refund_after_pickup(
            refund_no=refund_no,
            tenders=tenders,
            supplier_parts=supplier_parts,
            bank_money=bank_money,
        )
    if stage == "goodwill":
        return refund_goodwill(refund_no=refund_no, tenders=tenders, bank_money=bank_money)
    if stage == "held":
        return refund_of_held(refund_no=refund_no, case_no=order_ref, amount=total_of(tenders))
    raise ValueError(f"a refund has no stage {stage!r}")


def refund_before_pickup(
    *,
    refund_no: str,
    order_ref: str,
    tenders: Sequence[TenderPart],
    bank_money: BankMoneyByRef = BankMoney.OWED,
) -> JournalTransaction:
    """Goods not collected yet: the prepayment shrinks, each funder gets its own part back."""
    value = Leg(CUSTOMER_PREPAYMENT, total_of(tenders), reference=order_ref)
    return _refund(
        refund_no=refund_no,
        debits=[value],
        returned=_returned(refund_no=refund_no, tenders=tenders, bank_money=bank_money),
    )


def refund_of_surplus(*, refund_no: str, payment_no: str, amount: Money) -> JournalTransaction:
    """A late or second payment goes back whole; no goods, no bank and no leader are touched."""
    return _refund(
        refund_no=refund_no,
        debits=[Leg(SURPLUS_TO_REFUND, amount, reference=payment_no)],
        returned=[Leg(REFUND_IN_TRANSIT, amount, reference=refund_no)],
    )


def refund_of_held(*, refund_no: str, case_no: str, amount: Money) -> JournalTransaction:
    """Money hung up under a decision goes back to where it came from."""
    return _refund(
        refund_no=refund_no,
        debits=[Leg(UNIDENTIFIED_RECEIPTS, amount, reference=case_no)],
        returned=[Leg(REFUND_IN_TRANSIT, amount, reference=refund_no)],
    )


def refund_after_pickup(
    *,
    refund_no: str,
    tenders: Sequence[TenderPart],
    supplier_parts: Sequence[SupplierPart] = (),
    bank_money: BankMoneyByRef = BankMoney.OWED,
) -> JournalTransaction:
    """Weight or quality found wanting after pick-up: the sale is taken back by the stored split.

    The leader's part is commission_reversed's: who earned it tells the books.
    """
    value = total_of(tenders)
    suppliers = [Leg(SUPPLIER_PAYABLE, part, party=ref) for ref, part in supplier_parts]
    given_back = sum_of(supplier_parts, value.currency)
    returned = _returned(refund_no=refund_no, tenders=tenders, bank_money=bank_money)
    if funds_mode() is FundsMode.SPLIT:
        debits = [*suppliers, Leg(REVENUE, value - given_back)]
    else:
        debits = [Leg(REVENUE, value), *suppliers]
        returned.append(Leg(COST_OF_GOODS, given_back))
    return _refund(refund_no=refund_no, debits=debits, returned=returned)


def refund_goodwill(
    *, refund_no: str, tenders: Sequence[TenderPart], bank_money: BankMoneyByRef = BankMoney.OWED
) -> JournalTransaction:
    """The operator gives the money back out of its own pocket; nobody else loses anything."""
    loss = Leg(REFUND_LOSS, total_of(tenders))
    return _refund(
        refund_no=refund_no,
        debits=[loss],
        returned=_returned(refund_no=refund_no, tenders=tenders, bank_money=bank_money),
    )


def refund_succeeded(*, refund_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """The acquirer returned the payer's part out of our takings."""
    return post(
        ref=f"refund_ok:{refund_no}",
        kind="refund_ok",
        debits=[Leg(REFUND_IN_TRANSIT, amount, reference=refund_no)],
        credits_=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
    )


def refund_succeeded_after_refusal(
    *, refund_no: str, account_code: str, amount: Money
) -> JournalTransaction:
    """The acquirer had refused and returned the payer's part after all: nothing is owed by hand."""
    return post(
        ref=f"refund_ok:{refund_no}",
        kind="refund_ok",
        debits=[Leg(REFUND_BY_HAND, amount, reference=refund_no)],
        credits_=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
    )


def refund_failed(*, refund_no: str, amount: Money, round_no: int = 1) -> JournalTransaction:
    """The acquirer refused for good (the card is closed): we owe it by hand.

    `round_no` counts its refusals, for a refund that was sent again and refused again.
    """
    return post(
        ref=f"refund_fail:{refund_no}" + (f":{round_no}" if round_no > 1 else ""),
        kind="refund_fail",
        debits=[Leg(REFUND_IN_TRANSIT, amount, reference=refund_no)],
        credits_=[Leg(REFUND_BY_HAND, amount, reference=refund_no)],
    )


def refund_retried(*, refund_no: str, amount: Money, round_no: int) -> JournalTransaction:
    """A person lets a refused refund be sent again: it is on its way, no longer owed by hand."""
    return post(
        ref=f"refund_retry:{refund_no}:{round_no}",
        kind="refund_retry",
        debits=[Leg(REFUND_BY_HAND, amount, reference=refund_no)],
        credits_=[Leg(REFUND_IN_TRANSIT, amount, reference=refund_no)],
    )


def refund_returned(*, refund_no: str, account_code: str, amount: Money) -> JournalTransaction:
    """A refund that had succeeded came back from the payer's bank: we owe it by hand."""
    return post(
        ref=f"refund_back:{refund_no}",
        kind="refund_back",
        debits=[Leg(ACQUIRER_CLEARING, amount, party=account_code)],
        credits_=[Leg(REFUND_BY_HAND, amount, reference=refund_no)],
    )


def refund_paid_by_hand(
    *, refund_no: str, amount: Money, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """Finance transferred a refused refund to the resident."""
    return post(
        ref=f"refund_hand:{refund_no}",
        kind="refund_hand",
        debits=[Leg(REFUND_BY_HAND, amount, reference=refund_no)],
        credits_=[Leg(BANK, amount, party=bank_account)],
    )


def fee_returned(*, refund_no: str, account_code: str, fee: Money) -> JournalTransaction:
    """The acquirer gives back its fee of what was refunded."""
    return post(
        ref=f"fee_back:{refund_no}",
        kind="fee_back",
        debits=[Leg(ACQUIRER_CLEARING, fee, party=account_code)],
        credits_=[Leg(ACQUIRER_FEE, fee, party=account_code)],
    )


def fee_charged_again(*, refund_no: str, account_code: str, fee: Money) -> JournalTransaction:
    """A refund came back after it was done, so the acquirer keeps the fee of it after all."""
    return post(
        ref=f"fee_again:{refund_no}",
        kind="fee_again",
        debits=[Leg(ACQUIRER_FEE, fee, party=account_code)],
        credits_=[Leg(ACQUIRER_CLEARING, fee, party=account_code)],
    )


def _returned(
    *, refund_no: str, tenders: Sequence[TenderPart], bank_money: BankMoneyByRef
) -> list[Leg]:
    payer = Money(paid_by_the_payer(tenders), total_of(tenders).currency)
    resident = Leg(REFUND_IN_TRANSIT, payer, reference=refund_no)
    return [resident, *funders_legs(tenders, bank_money)]


def _refund(
    *, refund_no: str, debits: Sequence[Leg], returned: Sequence[Leg]
) -> JournalTransaction:
    return post(ref=f"refund:{refund_no}", kind="refund", debits=debits, credits_=returned)
