"""What banks and authorities owe for their discounts: paid, set off, in advance, given up, kept.

What they owe lies in 1131, what must go back to them in 2131, what they paid in advance in 2132;
each by giver and campaign. A claim that is issued moves everything of its month into 1131.
"""

from __future__ import annotations

from collections.abc import Sequence

from payments.kernel.money import Money
from payments.kernel.tenders import TenderPart
from payments.ledger.accounts import (
    BANK,
    MERCHANT_DISCOUNT,
    SUBSIDY_ADVANCED,
    SUBSIDY_RECEIVABLE,
    SUBSIDY_TO_RETURN,
    SUPPLIER_PAYABLE,
    account_of,
)
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.ledger.recipes.tenders import BankMoney, funders_legs, total_of
from payments.models.ledger import JournalTransaction

# A campaign and what of it: a claim's part of a receipt, negative where the claim is in the giver's
# favour.
CampaignPart = tuple[str, Money]


def subsidy_received(
    *,
    giver: str,
    campaign: str,
    receipt_no: str,
    amount: Money,
    bank_account: str = MAIN_ACCOUNT,
) -> JournalTransaction:
    """A bank or an authority paid what it owed for its discounts of one campaign."""
    return subsidy_receipt(
        giver=giver,
        receipt_no=receipt_no,
        amount=amount,
        owed=[(campaign, amount)],
        bank_account=bank_account,
    )


def subsidy_receipt(
    *,
    giver: str,
    receipt_no: str,
    amount: Money,
    owed: Sequence[CampaignPart] = (),
    advance: CampaignPart | None = None,
    bank_account: str = MAIN_ACCOUNT,
) -> JournalTransaction:
    """Money came from a giver: for claims of its campaigns, what is over as paid in advance.

    A negative amount is money we paid to the giver. UnbalancedJournalError unless the parts make
    the amount.
    """
    debits: list[Leg] = []
    credits_: list[Leg] = []
    _put(debits, credits_, Leg(BANK, _size(amount), party=bank_account), is_debit=amount.minor >= 0)
    for campaign, part in owed:
        leg = Leg(SUBSIDY_RECEIVABLE, _size(part), party=giver, reference=campaign)
        _put(debits, credits_, leg, is_debit=part.minor < 0)
    if advance is not None:
        leg = Leg(SUBSIDY_ADVANCED, _size(advance[1]), party=giver, reference=advance[0])
        _put(debits, credits_, leg, is_debit=advance[1].minor < 0)
    return post(
        ref=f"subsidy:{giver}:{receipt_no}", kind="subsidy", debits=debits, credits_=credits_
    )


def _size(amount: Money) -> Money:
    return Money(abs(amount.minor), amount.currency)


def _put(debits: list[Leg], credits_: list[Leg], leg: Leg, *, is_debit: bool) -> None:
    (debits if is_debit else credits_).append(leg)


def subsidy_returned(
    *,
    giver: str,
    campaign: str,
    receipt_no: str,
    amount: Money,
    bank_account: str = MAIN_ACCOUNT,
) -> JournalTransaction:
    """We paid back the giver's part of goods that were refunded after it had paid us."""
    return post(
        ref=f"subsidy_back:{giver}:{receipt_no}",
        kind="subsidy_back",
        debits=[Leg(SUBSIDY_TO_RETURN, amount, party=giver, reference=campaign)],
        credits_=[Leg(BANK, amount, party=bank_account)],
    )


def subsidy_set_off(
    *, claim_no: str, giver: str, campaign: str, to_return: Money
) -> JournalTransaction:
    """A claim is issued: what must go back of goods refunded after payment is deducted in it.

    A negative amount (goods came back and went again) is deducted the other way.
    """
    owed = Leg(SUBSIDY_RECEIVABLE, _size(to_return), party=giver, reference=campaign)
    back = Leg(SUBSIDY_TO_RETURN, _size(to_return), party=giver, reference=campaign)
    to, of = (back, owed) if to_return.minor >= 0 else (owed, back)
    return post(ref=f"claim:{claim_no}", kind="claim", debits=[to], credits_=[of])


def subsidy_advance_used(
    *, claim_no: str, receipt_no: str, giver: str, campaign: str, amount: Money
) -> JournalTransaction:
    """Money a giver had paid in advance pays a claim, or a part of it."""
    return post(
        ref=f"claim_advance:{claim_no}:{receipt_no}",
        kind="claim_advance",
        debits=[Leg(SUBSIDY_ADVANCED, amount, party=giver, reference=campaign)],
        credits_=[Leg(SUBSIDY_RECEIVABLE, amount, party=giver, reference=campaign)],
    )


def subsidy_written_off(
    *, key: str, giver: str, campaign: str, amount: Money
) -> JournalTransaction:
    """The giver will not pay for a discount: the operator bears it."""
    return post(
        ref=f"subsidy_off:{key}",
        kind="subsidy_off",
        debits=[Leg(MERCHANT_DISCOUNT, amount, reference=campaign)],
        credits_=[Leg(SUBSIDY_RECEIVABLE, amount, party=giver, reference=campaign)],
    )


def subsidy_kept(*, refund_no: str, giver: str, campaign: str, amount: Money) -> JournalTransaction:
    """A refund gave back a part the giver never paid: it returns to the operator, who bore it."""
    return post(
        ref=f"subsidy_kept:{refund_no}:{campaign}",
        kind="subsidy_kept",
        debits=[Leg(SUBSIDY_RECEIVABLE, amount, party=giver, reference=campaign)],
        credits_=[Leg(MERCHANT_DISCOUNT, amount, reference=campaign)],
    )


def voucher_redeemed(
    *, key: str, merchant_ref: str, shares: Sequence[TenderPart]
) -> JournalTransaction:
    """A merchant took a voucher for goods of its own: we owe it what the voucher's funders give."""
    return post(
        ref=f"redeem:{key}",
        kind="redeem",
        debits=funders_legs(shares),
        credits_=[Leg(SUPPLIER_PAYABLE, total_of(shares), party=merchant_ref)],
    )


def voucher_unredeemed(*, key: str, bank_money: BankMoney = BankMoney.OWED) -> JournalTransaction:
    """A redemption is taken back: every leg the other way round; 2131 if the giver has paid.

    JournalTransaction.DoesNotExist where there was none.
    """
    journal = JournalTransaction.objects.get(ref=f"redeem:{key}")
    debits: list[Leg] = []
    credits_: list[Leg] = []
    for entry in journal.entries.order_by("pk"):
        account = account_of(entry.account)
        if account is SUBSIDY_RECEIVABLE and bank_money is BankMoney.PAID:
            account = SUBSIDY_TO_RETURN
        amount = Money(abs(entry.amount_minor), entry.currency)
        leg = Leg(account, amount, party=entry.party, reference=entry.reference)
        _put(debits, credits_, leg, is_debit=entry.amount_minor < 0)
    return post(ref=f"redeem_back:{key}", kind="redeem_back", debits=debits, credits_=credits_)
