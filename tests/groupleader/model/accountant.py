"""The village's accountant: what every leader is owed, reckoned with pencil and paper.

Slow, plain, and a stranger to our code: it knows neither our tables nor our arithmetic. Amounts are
fen. What it says of a day is held against our rows and our books by `comparing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from tests.groupleader.model import calendars
from tests.groupleader.model.papers import (
    AWARD,
    AWARD_ORDERS,
    CANCELLED,
    CLOSED,
    ESTIMATED,
    FEE,
    FREE,
    FROZEN,
    KEEPER,
    KEEPS,
    OWED,
    RATE,
    REFERRED,
    REFERRER,
    REFERS,
    SETTLED,
    Correction,
    Entry,
    Line,
    Order,
    Paper,
    Part,
    Person,
)
from tests.groupleader.model.taxing import LabourMonth, Year


class Accountant:
    """Everything that was told, and what follows from it."""

    def __init__(self, people: list[Person]) -> None:
        """Begin with empty books."""
        self.people = people
        self.orders: dict[str, Order] = {}
        self.entries: dict[tuple[str, str, str], Entry] = {}
        self.corrections: dict[str, Correction] = {}
        self.charges: list[tuple[int, datetime, list[int]]] = []
        self.papers: list[Paper] = []
        self.awarded = False

    # Orders

    def place(self, order_no: str, leader: int, values: list[tuple[str, int]], keeper: bool):
        """Agree who has which part of every line: hers, the keeper's, and who brought her in."""
        lines = []
        for line_id, value in values:
            whole = _floor(value * RATE)
            share = _floor(whole * KEEPS) if keeper else 0
            parts = [Part("leader", leader, whole - share)]
            if keeper:
                parts.append(Part("keeper", KEEPER, share))
            if leader == REFERRED:
                parts.append(Part("referrer", REFERRER, _floor(whole * REFERS)))
            lines.append(Line(line_id, value, parts))
        self.orders[order_no] = Order(order_no, leader, lines)

    def pay(self, order: Order) -> None:
        """Estimate what is left of every part."""
        order.state = "paid"
        for line, part in _parts(order):
            left = line.left(part)
            if part.entry is None and left > 0:
                name = (line.line_id, part.name, "whole")
                part.entry = self._write(Entry(name, part.leader, left, ESTIMATED))

    def collect(self, order: Order) -> None:
        """The goods are with the neighbour: what is estimated is earned."""
        self.pay(order)
        order.state = "collected"
        _turn(order, ESTIMATED, FROZEN)

    def uncollect(self, order: Order) -> None:
        """The goods are back on the shelf."""
        order.state = "paid"
        _turn(order, FROZEN, ESTIMATED)

    def close(self, order: Order, at: datetime) -> None:
        """Nobody can complain any more: what is earned is free; maybe an award is due."""
        order.state = "closed"
        freed = _turn(order, FROZEN, FREE)
        for entry in freed:
            entry.free_since = at
        finished = [each for each in self.orders.values() if _is_finished(each)]
        is_due = order.leader == REFERRED and len(finished) >= AWARD_ORDERS
        if freed and is_due and not self.awarded:
            self.awarded = True
            self._write(Entry(("award", "award", "whole"), REFERRER, AWARD, FREE, free_since=at))

    def refund(self, line: Line, refund_no: str, value: int, at: datetime) -> None:
        """So much of a line went back; told again, or beyond the line, it changes nothing more."""
        value = min(value, line.value - line.back)
        if value <= 0 or refund_no in line.refunds:
            return
        line.refunds.add(refund_no)
        before = [line.left(part) for part in line.parts]
        line.back += value
        for part, was in zip(line.parts, before, strict=True):
            less, entry = was - line.left(part), part.entry
            if entry is None or not less or entry.state == CANCELLED:
                continue
            if entry.state == SETTLED:
                name = (line.line_id, part.name, f"refund:{refund_no}")
                self._write(Entry(name, part.leader, -less, FREE, free_since=at))
                continue
            entry.amount -= less
            if entry.amount == 0:
                entry.state = CANCELLED

    def _write(self, entry: Entry) -> Entry:
        assert entry.name not in self.entries
        self.entries[entry.name] = entry
        return entry

    # Statements

    def cut(self, at: datetime) -> list[Paper]:
        """Hand out the statements of the periods that are over; where little is due, none."""
        made = []
        for leader, person in enumerate(self.people):
            until = calendars.last_end(person.period, at)
            if any(paper.until == until for paper in self.papers if paper.leader == leader):
                continue
            paper = self._paper(leader, until, at)
            if paper is not None:
                made.append(paper)
        self.papers += made
        return made

    def _paper(self, leader: int, until: datetime, at: datetime) -> Paper | None:
        entries = [
            each
            for each in self.entries.values()
            if each.leader == leader and each.state == FREE and each.free_since < until
        ]
        corrections = [
            each
            for each in self.corrections.values()
            if each.leader == leader
            and each.paper is None
            and each.counts_since is not None
            and each.counts_since < until
        ]
        gross = sum(each.amount for each in [*entries, *corrections])
        if gross <= 0:
            return None
        tax = self._tax(leader, gross, at)
        taken = self._take(leader, gross - tax, until)
        paper = Paper(leader, until, gross, tax, taken, entries, corrections)
        for entry in entries:
            entry.state, entry.paper = SETTLED, paper
        for correction in corrections:
            correction.paper = paper
        return paper

    def _tax(self, leader: int, gross: int, at: datetime) -> int:
        person = self.people[leader]
        if person.regime == "business_entity":
            return 0
        day = calendars.local(at)
        if person.regime == "per_payment":
            return person.labour.setdefault((day.year, day.month), LabourMonth()).add(gross)
        return person.years.setdefault(day.year, Year()).add(gross, month=day.month)

    def _take(self, leader: int, room: int, until: datetime) -> int:
        whole = room
        for whose, came, left in self.charges:
            if whose == leader and came < until:
                part = min(left[0], room)
                left[0] -= part
                room -= part
        if room > FEE:
            room -= FEE
        return whole - room

    # What the books have to say

    def owed(self) -> Counter[int]:
        """What each leader has earned and no approved statement holds."""
        sums: Counter[int] = Counter()
        for entry in self.entries.values():
            if entry.state in OWED and not _is_closed(entry.paper):
                sums[entry.leader] += entry.amount
        for each in self.corrections.values():
            if each.counts_since is not None and not _is_closed(each.paper):
                sums[each.leader] += each.amount
        return sums


def _floor(amount: Fraction) -> int:
    return amount.numerator // amount.denominator


def _parts(order: Order) -> Iterator[tuple[Line, Part]]:
    for line in order.lines:
        for part in line.parts:
            yield line, part


def _turn(order: Order, before: str, after: str) -> list[Entry]:
    turned = [part.entry for _line, part in _parts(order) if part.entry is not None]
    turned = [entry for entry in turned if entry.state == before]
    for entry in turned:
        entry.state = after
    return turned


def _is_finished(order: Order) -> bool:
    mine = [part.entry for _line, part in _parts(order) if part.name == "leader"]
    return order.leader == REFERRED and any(
        e is not None and e.state in (FREE, SETTLED) for e in mine
    )


def _is_closed(paper: Paper | None) -> bool:
    return paper is not None and paper.state in CLOSED
