"""Goods change hands: the sale becomes ours, suppliers and leaders have earned their part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from payments.kernel.money import Money
from payments.ledger.accounts import (
    COMMISSION_EXPENSE,
    COST_OF_GOODS,
    CUSTOMER_PREPAYMENT,
    LEADER_PAYABLE,
    REVENUE,
    SUPPLIER_PAYABLE,
    Account,
)
from payments.ledger.funds import FundsMode, funds_mode
from payments.ledger.posting import Leg, post
from payments.models.ledger import JournalTransaction

SupplierPart = tuple[str, Money]


def sum_of(parts: Iterable[SupplierPart], currency: str) -> Money:
    """Return the parts together; ValueError where one is of another currency."""
    total = Money(0, currency)
    for _party, part in parts:
        total += part
    return total


def goods_collected(
    *, key: str, order_ref: str, goods: Money, costs: Sequence[SupplierPart]
) -> JournalTransaction:
    """The resident collected: the goods are no longer owed to her, the suppliers are owed theirs.

    `goods` is the goods value before the bank's discount, `costs` each supplier's part. Selling
    our own goods, the value is revenue and the parts are its cost; selling for others, the parts
    are theirs and only the rest is revenue.
    """
    debits, credits_ = _handed_over(order_ref=order_ref, goods=goods, costs=costs)
    return post(ref=f"fulfil:{key}", kind="fulfil", debits=debits, credits_=credits_)


def goods_uncollected(
    *, key: str, order_ref: str, goods: Money, costs: Sequence[SupplierPart]
) -> JournalTransaction:
    """A hand-over was undone: `goods_collected` the other way round, under the same key."""
    debits, credits_ = _handed_over(order_ref=order_ref, goods=goods, costs=costs)
    return post(ref=f"fulfil_back:{key}", kind="fulfil_back", debits=credits_, credits_=debits)


def commission_earned(*, key: str, leader_ref: str, amount: Money) -> JournalTransaction:
    """The leader earned commission: our expense, or her part of the sale we split."""
    return post(
        ref=f"commission:{key}",
        kind="commission",
        debits=[Leg(_commission_account(), amount)],
        credits_=[Leg(LEADER_PAYABLE, amount, party=leader_ref)],
    )


def commission_reversed(*, key: str, leader_ref: str, amount: Money) -> JournalTransaction:
    """A refund takes its part of the commission back."""
    return post(
        ref=f"commission_back:{key}",
        kind="commission_back",
        debits=[Leg(LEADER_PAYABLE, amount, party=leader_ref)],
        credits_=[Leg(_commission_account(), amount)],
    )


def _handed_over(
    *, order_ref: str, goods: Money, costs: Sequence[SupplierPart]
) -> tuple[list[Leg], list[Leg]]:
    prepaid = Leg(CUSTOMER_PREPAYMENT, goods, reference=order_ref)
    suppliers = [Leg(SUPPLIER_PAYABLE, part, party=party) for party, part in costs]
    whole_cost = sum_of(costs, goods.currency)
    if funds_mode() is FundsMode.SPLIT:
        ours = Leg(REVENUE, Money(abs(goods.minor - whole_cost.minor), goods.currency))
        if goods < whole_cost:  # sold below cost: the difference is ours to bear
            return [prepaid, ours], suppliers
        return [prepaid], [*suppliers, ours]
    return [prepaid, Leg(COST_OF_GOODS, whole_cost)], [Leg(REVENUE, goods), *suppliers]


def _commission_account() -> Account:
    return REVENUE if funds_mode() is FundsMode.SPLIT else COMMISSION_EXPENSE
