"""Money goes out and funds come in: statements, transfers, tax, the operator's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from payments.kernel.clock import business_date
from payments.kernel.money import Money
from payments.ledger.accounts import (
    ACQUIRER_FEE,
    BANK,
    COST_OF_GOODS,
    LEADER_IN_TRANSIT,
    LEADER_PAYABLE,
    PLATFORM_CAPITAL,
    REFUND_LOSS,
    REVENUE,
    SUPPLIER_IN_TRANSIT,
    SUPPLIER_PAYABLE,
    TAX_WITHHELD,
)
from payments.ledger.funds import FundsMode, funds_mode
from payments.ledger.posting import Leg, post
from payments.ledger.recipes.takings import MAIN_ACCOUNT
from payments.models.ledger import JournalTransaction

# Under which name the fee drawer keeps what payees bear of the bank's fees for transfers.
TRANSFER_FEES: Final = "transfers"
_NOTHING: Final = Money(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a statement keeps back besides tax: each lowers the cost it was meant for.

    `responsibility` is the payee's part of refunds given as goodwill, `transfer_fee` the bank's fee
    passed on, `service_fee` what the operator takes for its service.
    """

    responsibility: Money = _NOTHING
    transfer_fee: Money = _NOTHING
    service_fee: Money = _NOTHING

    def legs(self) -> list[Leg]:
        """Return them as credits."""
        return [
            Leg(REFUND_LOSS, self.responsibility),
            Leg(ACQUIRER_FEE, self.transfer_fee, party=TRANSFER_FEES),
            Leg(REVENUE, self.service_fee),
        ]


def statement_closed(  # noqa: PLR0913 - a statement has that many parts
    *,
    key: str,
    leader_ref: str,
    statement_ref: str,
    gross: Money,
    net: Money,
    tax: Money,
    kept: Kept | None = None,
) -> JournalTransaction:
    """A leader's statement is closed: her commission is now a payout in transit and a tax debt.

    UnbalancedJournalError unless gross = net + tax + what is kept. The tax belongs to today's month
    in Shanghai.
    """
    month = f"{business_date():%Y-%m}"
    return post(
        ref=f"stmt:{key}",
        kind="statement",
        debits=[Leg(LEADER_PAYABLE, gross, party=leader_ref)],
        credits_=[
            Leg(LEADER_IN_TRANSIT, net, party=leader_ref, reference=statement_ref),
            Leg(TAX_WITHHELD, tax, party=leader_ref, reference=month),
            *(kept or Kept()).legs(),
        ],
    )


def supplier_statement_closed(
    *,
    key: str,
    supplier_ref: str,
    statement_ref: str,
    amount: Money,
    kept: Kept | None = None,
) -> JournalTransaction:
    """A supplier's statement is closed: what it lists, less what is kept, is a payout in transit.

    ValueError where more is kept than it lists.
    """
    legs = (kept or Kept()).legs()
    net = amount - Money(sum(leg.amount.minor for leg in legs), amount.currency)
    return post(
        ref=f"stmt:{key}",
        kind="statement",
        debits=[Leg(SUPPLIER_PAYABLE, amount, party=supplier_ref)],
        credits_=[
            Leg(SUPPLIER_IN_TRANSIT, net, party=supplier_ref, reference=statement_ref),
            *legs,
        ],
    )


def supplier_corrected(*, key: str, supplier_ref: str, minor: int) -> JournalTransaction:
    """Staff corrected what a supplier is owed: so much more, or below zero so much less (fen).

    Selling our own goods it is their cost, selling for others it comes out of our revenue.
    """
    amount = Money(abs(minor))
    ours = Leg(REVENUE if funds_mode() is FundsMode.SPLIT else COST_OF_GOODS, amount)
    theirs = Leg(SUPPLIER_PAYABLE, amount, party=supplier_ref)
    return post(
        ref=f"correction:{key}",
        kind="correction",
        debits=[ours if minor > 0 else theirs],
        credits_=[theirs if minor > 0 else ours],
    )


def transfer_succeeded(
    *, transfer_no: str, in_transit: Leg, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The bank debited a payout: what was in transit is paid.

    `in_transit` is the leg the statement left behind, for example
    Leg(LEADER_IN_TRANSIT, net, party=leader, reference=statement).
    """
    return post(
        ref=f"payout_ok:{transfer_no}",
        kind="payout_ok",
        debits=[in_transit],
        credits_=[Leg(BANK, in_transit.amount, party=bank_account)],
    )


def transfer_returned(
    *, transfer_no: str, in_transit: Leg, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The payee's bank sent a payout back: it is in transit again."""
    return post(
        ref=f"payout_back:{transfer_no}",
        kind="payout_back",
        debits=[Leg(BANK, in_transit.amount, party=bank_account)],
        credits_=[in_transit],
    )


def tax_remitted(
    *, month: str, leaders: Sequence[tuple[str, Money]], bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The tax withheld from leaders in a month ("2026-11") was paid to the tax office."""
    total = sum((part.minor for _leader, part in leaders), 0)
    return post(
        ref=f"tax:{month}",
        kind="tax",
        debits=[Leg(TAX_WITHHELD, part, party=leader, reference=month) for leader, part in leaders],
        credits_=[Leg(BANK, Money(total), party=bank_account)],
    )


def platform_funding(
    *, key: str, amount: Money, bank_account: str = MAIN_ACCOUNT
) -> JournalTransaction:
    """The operator put its own money into the bank account, for example to open the books."""
    return post(
        ref=f"funding:{key}",
        kind="funding",
        debits=[Leg(BANK, amount, party=bank_account)],
        credits_=[Leg(PLATFORM_CAPITAL, amount)],
    )
