"""Points as a shopkeeper would keep them on paper: a slow reference without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass
class Paper:
    """A lot on paper."""

    expires: date
    left: int
    expired: int = 0


@dataclass
class Bill:
    """An order that earned."""

    base: int
    granted: int
    lot: Paper | None
    back: int = 0
    taken: int = 0
    stands: bool = True


@dataclass
class Held:
    """Points on an order: the pieces in the order they were drawn."""

    points: int
    worth: int
    pieces: list[list]
    is_spent: bool = False
    gone_back: int = 0
    returned: int = 0


@dataclass
class Book:
    """Everything of one resident."""

    lots: list[Paper] = field(default_factory=list)
    debt: int = 0
    bills: dict[str, Bill] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return sum(lot.left for lot in self.lots)

    def good(self, today: date) -> int:
        return sum(lot.left for lot in self.lots if lot.expires >= today)

    def add(self, points: int, expires: date) -> Paper:
        pays = min(self.debt, points)
        self.debt -= pays
        lot = Paper(expires, points - pays)
        self.lots.append(lot)
        return lot

    def expire(self, today: date) -> None:
        for lot in self.lots:
            if lot.expires < today:
                lot.expired += lot.left
                lot.left = 0

    def draw(self, points: int, first: Paper | None = None) -> list[list]:
        pieces = []
        queue = sorted(self.lots, key=lambda lot: lot.expires)
        if first is not None:
            queue = [first, *[lot for lot in queue if lot is not first]]
        for lot in queue:
            part = min(lot.left, points)
            if part:
                lot.left -= part
                points -= part
                pieces.append([lot, part])
        return pieces

    def hold(self, order: str, points: int, *, worth: int, today: date) -> None:
        self.expire(today)
        self.held[order] = Held(points, worth, self.draw(points))

    def give(self, use: Held, points: int, today: date) -> None:
        """Give back from the end of what was drawn."""
        homeless = 0
        while points:
            lot, there = use.pieces[-1]
            part = min(there, points)
            points -= part
            use.pieces[-1][1] -= part
            if not use.pieces[-1][1]:
                use.pieces.pop()
            pays = min(self.debt, part)
            self.debt -= pays
            if lot.expires >= today:
                lot.left += part - pays
            else:
                homeless += part - pays
        if homeless:
            self.lots.append(Paper(today + timedelta(days=7), homeless))

    def release(self, order: str, today: date) -> None:
        use = self.held.pop(order)
        self.give(use, use.points, today)

    def give_back(self, order: str, minor: int, today: date) -> None:
        use = self.held[order]
        use.gone_back += minor
        whole = use.points * use.worth
        due = (2 * use.points * use.gone_back + whole) // (2 * whole)
        self.give(use, due - use.returned, today)
        use.returned = due
        if use.gone_back == whole:
            del self.held[order]

    def refund(self, order: str, minor: int, today: date) -> None:
        bill = self.bills[order]
        bill.back = min(bill.base, bill.back + minor)
        self.take_back(bill, min(bill.granted, (bill.base - bill.back) // 100), today)

    def take_back(self, bill: Bill, keep: int, today: date) -> None:
        lost = bill.granted - keep
        taken = max(bill.taken, lost - (bill.lot.expired if bill.lot else 0))
        points, bill.taken = taken - bill.taken, taken
        if not points:
            return
        self.expire(today)
        there = min(self.balance, points)
        self.draw(there, bill.lot)
        self.debt += points - there
