"""Where money came from and where it is now, read from journals: two sides, equal to the fen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.models.ledger import JournalEntry, JournalTransaction


class Place(StrEnum):
    """Where a part of the money came from, or where it is now."""

    PAYER = "payer"
    FUNDER = "funder"
    BACK_TO_PAYER = "back_to_payer"
    BACK_TO_FUNDER = "back_to_funder"
    ON_ITS_WAY = "on_its_way"
    BY_HAND = "by_hand"
    HELD = "held"
    GOODS = "goods"
    SUPPLIER = "supplier"
    LEADER = "leader"
    SHARED_OUT = "shared_out"
    FEE = "fee"
    OURS = "ours"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount in minor units at one place; `account` and `party` name the drawer."""

    place: Place
    account: str
    party: str
    minor: int


_CAME: Final = {"capture", "surplus", "held"}
_BACK: Final = {"refund_ok", "refund_back", "refund_hand"}
_FEES: Final = {"fee", "fee_back", "fee_again"}
_SHARES: Final = {"split", "split_back"}
_BY_ACCOUNT: Final = {
    "1131": Place.BACK_TO_FUNDER,
    "2131": Place.BACK_TO_FUNDER,
    "6005": Place.BACK_TO_FUNDER,
    "2101": Place.GOODS,
    "2111": Place.ON_ITS_WAY,
    "2112": Place.HELD,
    "2901": Place.HELD,
    "2113": Place.BY_HAND,
    "2201": Place.SUPPLIER,
    "2301": Place.LEADER,
}
# Whose name a drawer bears where the party says nothing: the campaign.
_NAMED_BY_REFERENCE: Final = {"6005"}
_OURS: Final = {"6001", "5001", "6401", "6402", "6403"}


def flows(journals: Iterable[JournalTransaction]) -> tuple[list[Flow], list[Flow]]:
    """Sum up what came and where it is now; both sides are equal because each journal balances."""
    came: dict[tuple[Place, str, str], int] = {}
    went: dict[tuple[Place, str, str], int] = {}
    for journal in journals:
        legs = list(journal.entries.all())
        for leg in legs:
            if journal.kind in _CAME and leg.amount_minor > 0:
                place = Place.PAYER if leg.account == "1101" else Place.FUNDER
                side, minor, drawer = came, leg.amount_minor, _drawer(leg)
            else:
                place, drawer = _destination(journal.kind, leg, legs)
                side, minor = went, -leg.amount_minor
            key = (place, *drawer)
            side[key] = side.get(key, 0) + minor
    return _flows(came), _flows(went)


def _destination(
    kind: str, leg: JournalEntry, legs: Sequence[JournalEntry]
) -> tuple[Place, tuple[str, str]]:
    if leg.account in {"1101", "1001"}:
        if kind in _BACK:
            return Place.BACK_TO_PAYER, ("", "")
        if kind in _FEES:
            return Place.FEE, ("6401", leg.party)
        if kind in _SHARES:
            owed = next(other for other in legs if other.pk != leg.pk)
            return Place.SHARED_OUT, (owed.account, owed.party)
    if leg.account in _OURS:
        return Place.OURS, ("", "")
    return _BY_ACCOUNT.get(leg.account, Place.DIFFERENCE), _drawer(leg)


def _drawer(leg: JournalEntry) -> tuple[str, str]:
    # What goes back to a bank is one drawer for her, whether it had paid us yet or not.
    account = "1131" if leg.account == "2131" else leg.account
    if leg.account in _NAMED_BY_REFERENCE:
        return account, leg.reference
    return account, leg.party


def _flows(sums: dict[tuple[Place, str, str], int]) -> list[Flow]:
    order = list(Place)
    return [
        Flow(place, account, party, minor)
        for (place, account, party), minor in sorted(
            sums.items(), key=lambda item: (order.index(item[0][0]), item[0])
        )
        if minor
    ]
