"""One balance transaction as a line of a statement in our words. Pure.

Amounts are of the payment as the payer saw it; where Stripe settles in another currency the fee is
in that one. Money that a bank took back from us (a dispute) is a refund nobody here asked for: it
has no number of ours, so a person gets to see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from payments.acquiring.contract import BillKind, BillLine, BillLineKind, Outcome
from payments.adapters.stripe.messages import NUMBER, PAYMENT, id_of, money_of
from payments.adapters.stripe.splits import SPLIT
from payments.kernel.money import Money

_PAID: Final = frozenset({"charge", "payment"})
_RETURNED: Final = frozenset({"refund", "payment_refund"})
# A refund that came back to us after it had left.
_CAME_BACK: Final = frozenset({"refund_failure"})
_TAKEN: Final = frozenset({"adjustment", "payment_failure_refund", "payment_reversal"})
_FEES: Final = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
_SHARED: Final = frozenset({"transfer"})
_UNSHARED: Final = frozenset({"transfer_refund", "transfer_cancel", "transfer_failure"})
_SETTLED: Final = frozenset({"payout", "payout_cancel", "payout_failure"})
# Money that stays ours and merely waits elsewhere, or that we brought ourselves.
_ASIDE: Final = frozenset(
    {
        *("reserve_transaction", "reserved_funds", "reserve_hold", "reserve_release"),
        *("payment_network_reserve_hold", "payment_network_reserve_release"),
        *("payout_minimum_balance_hold", "payout_minimum_balance_release"),
        *("topup", "topup_reversal"),
    }
)


def is_of(kind: BillKind, name: str) -> bool:
    """Tell whether a type belongs into a kind of statement: shares, or all the rest.

    What nobody has heard of is in TRADE as well: a new type of Stripe's is to be noticed and not
    lost. So are payouts, for a payout of Stripe's is of no one day.
    """
    return (name in _SHARED | _UNSHARED) is (kind is BillKind.SPLIT)


def read_line(line_no: int, row: Mapping[str, Any]) -> BillLine | None:
    """Read a transaction; None for one that concerns no party of ours.

    KeyError, TypeError or ValueError for what cannot be read, a type nobody knows among them.
    """
    kind = _kind_of(row["type"])
    if kind is None:
        return None
    source = row["source"]
    metadata = source.get("metadata") or {}
    amount, fee = _amount(row), money_of(row["fee"], row["currency"])
    if kind is BillLineKind.SETTLEMENT:
        amount = money_of(-row["net"], row["currency"])
    elif kind is BillLineKind.FEE and row["amount"] > 0:
        # A fee given back: no line's amount is negative, its fee may be.
        amount, fee = Money(0, fee.currency), money_of(-row["net"], row["currency"])
    is_ours = row["type"] not in _TAKEN
    return BillLine(
        line_no=line_no,
        kind=kind,
        own_no=str(metadata.get(NUMBER, "")) if is_ours else "",
        acquirer_no=_acquirers_number(kind, row, source),
        amount=amount,
        fee=fee,
        outcome=_outcome(kind, row),
        at=datetime.fromtimestamp(row["created"], UTC),
        related_no=str(metadata.get(PAYMENT) or metadata.get(SPLIT) or ""),
        party=str(source.get("destination") or ""),
        raw={name: str(value) for name, value in row.items() if name != "source"},
    )


def _outcome(kind: BillLineKind, row: Mapping[str, Any]) -> Outcome:
    """A refund, or what a bank took, that came back to us did not happen in the end."""
    has_come_back = kind is BillLineKind.REFUND and row["amount"] > 0
    return Outcome.FAILED if has_come_back else Outcome.SUCCEEDED


def _kind_of(name: str) -> BillLineKind | None:
    """Return the kind of line a type is; ValueError for a type nobody has heard of."""
    kinds = {
        BillLineKind.PAY: _PAID,
        BillLineKind.REFUND: _RETURNED | _CAME_BACK | _TAKEN,
        BillLineKind.FEE: _FEES,
        BillLineKind.SPLIT: _SHARED,
        BillLineKind.SPLIT_RETURN: _UNSHARED,
        BillLineKind.SETTLEMENT: _SETTLED,
    }
    for kind, names in kinds.items():
        if name in names:
            return kind
    if name in _ASIDE:
        return None
    raise ValueError(f"nobody knows a {name}")


def _amount(row: Mapping[str, Any]) -> Money:
    """Return what the payer saw: the source's amount where it was changed into another currency."""
    source = row["source"]
    if source.get("currency") in {None, row["currency"]}:
        return money_of(abs(row["amount"]), row["currency"])
    return money_of(abs(source["amount"]), source["currency"])


def _acquirers_number(kind: BillLineKind, row: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """A payment is known by its intent, everything else by what moved the money."""
    number = source.get("id") or row["id"]
    return id_of(source.get("payment_intent")) or number if kind is BillLineKind.PAY else number
