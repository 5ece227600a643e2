"""Our rows and books beside the accountant's and the bank's: C1 to C10, one after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from groupleader.models import CommissionAccrual, Correction, Deduction, Payout, SettlementStatement
from payments.acquiring.contract import Outcome
from payments.api import balance, balances_by_label
from payments.models import Transfer
from tests.funds import OPENING_MINOR
from tests.groupleader.model.acts import TOLD
from tests.groupleader.model.papers import CLOSED, COOLING, LARGE, SETTLED, Paper
from tests.groupleader.model.village import Village

ENDED = ("failed", "returned", "cancelled")


class Comparison:
    """What was seen after the step before, to notice what may never change."""

    def __init__(self, village: Village) -> None:
        """Nothing was seen yet."""
        self.village, self.books = village, village.books
        self.leaders = {leader.pk: n for n, leader in enumerate(village.leaders)}
        self.frozen: dict[int, Any] = {}
        self.states: dict[tuple[str, int], str] = {}
        self.accounts: dict[int, Any] = {}

    def after_a_step(self) -> None:
        """Compare everything that needs no question to the bank."""
        statements = list(SettlementStatement.objects.order_by("pk"))
        papers = self._matched(statements)
        self._lines(papers)
        self._statements(statements, papers)
        self._payouts(papers)
        self._books(papers)

    def _matched(self, statements: list[SettlementStatement]) -> dict[int, Paper]:
        """C10: for each leader and period one statement, and none the accountant does not have."""
        mine = {(paper.leader, paper.until): paper for paper in self.books.papers}
        found = {row.pk: mine.get((self.leaders[row.leader_id], row.until)) for row in statements}
        assert None not in found.values(), "C10: a statement nobody was due"
        assert len(set(map(id, found.values()))) == len(statements) == len(mine), "C10"
        return found

    def _lines(self, papers: dict[int, Paper]) -> None:
        """C1, C2, C4: each part of each line earned once, after collection, less what went back."""
        ours = {}
        for row in CommissionAccrual.objects.select_related("terms"):
            line_id = "award" if row.terms.part == "award" else row.terms.line_id
            name = (line_id, row.terms.part, row.fulfilment)
            paper = papers.get(row.statement_id)
            ours[name] = (self.leaders[row.leader_id], row.amount_minor, row.status, id(paper))
        theirs = {}
        for name, entry in self.books.entries.items():
            state = entry.state
            if state == SETTLED:
                state = "paid" if entry.paper.state == "paid" else "in_statement"
            theirs[name] = (entry.leader, entry.amount, state, id(entry.paper))
        assert ours == theirs, f"C1/C2/C4: {_difference(ours, theirs)}"

    def _statements(self, rows: list[SettlementStatement], papers: dict[int, Paper]) -> None:
        """C3, C5, C9: amounts are the accountant's, and never change again."""
        corrections: dict[int | None, int] = defaultdict(int)
        for minor, pk in Correction.objects.values_list("amount_minor", "statement_id"):
            corrections[pk] += minor
        for row in rows:
            paper = papers[row.pk]
            amounts = (row.gross_minor, row.tax_minor, row.deductions_minor, row.net_minor)
            due = (paper.gross, paper.tax, paper.taken, paper.net)
            assert amounts == due, f"C3/C5/C9: {row} says {amounts} instead of {due}"
            assert paper.gross > 0 <= paper.net, "C4: below zero it is carried over"
            assert corrections[row.pk] == sum(each.amount for each in paper.corrections), "C3"
            assert self.frozen.setdefault(row.pk, amounts) == amounts, "C3: a closed one changed"
            assert row.status == paper.state, f"{row}: {row.status} instead of {paper.state}"
            self._note("statement", row.pk, row.status)
        left = sum(each[0] for _whose, _at, each in self.books.charges)
        waiting = Deduction.objects.filter(statement=None).values_list("amount_minor", flat=True)
        assert sum(waiting) == left, "C5: deductions that wait"

    def _payouts(self, papers: dict[int, Paper]) -> None:
        """C6, C7, C8: one live attempt, a new one only after an end, two people, a cool account."""
        tried: dict[int, list[str]] = defaultdict(list)
        for row in Payout.objects.order_by("statement", "attempt"):
            paper, before = papers[row.statement_id], tried[row.statement_id]
            assert all(state in ENDED for state in before), f"C6/C7: {before} and another attempt"
            assert row.amount_minor == paper.net, "C6"
            before.append(row.status)
            self._note("payout", row.pk, row.status)
            changed = self.books.people[paper.leader].changed_at
            seen = self.accounts.setdefault(row.pk, changed)
            assert seen is None or row.created_at >= seen + COOLING, "C8: an account of yesterday"
            many = len(set(paper.approvers))
            assert many == len(paper.approvers) >= (2 if paper.net > LARGE else 1), "C8"

    def _books(self, papers: dict[int, Paper]) -> None:
        """What is owed, on its way, withheld and left is what the accountant says."""
        owed: Counter[str] = Counter()
        for leader, minor in self.books.owed().items():
            owed[self.village.leaders[leader].ref] += minor
        assert _credits("2301") == _nonzero(owed), "2301"
        way, taxes, paid = Counter(), Counter(), 0
        for pk, paper in papers.items():
            if paper.state in CLOSED:
                taxes[self.village.leaders[paper.leader].ref] += paper.tax
                paid += paper.net if paper.state == "paid" else 0
            if paper.state in ("approved", "paying", "failed"):
                way[pk] = paper.net
        assert sorted(_credits("2302").values()) == sorted(_nonzero(way).values()), "2302"
        assert _credits("2401") == _nonzero(taxes), "2401"
        assert balance("1001") == OPENING_MINOR - paid, "1001"

    def _note(self, what: str, pk: int, state: str) -> None:
        before = self.states.get((what, pk))
        if before != state:
            TOLD[f"{what} {before or ''}>{state}"] += 1
            self.states[what, pk] = state

    def with_the_bank(self) -> None:
        """C6: whatever our rows say, the bank paid every statement once, or not at all."""
        paid = 0
        numbers = dict(SettlementStatement.objects.values_list("statement_no", "status"))
        said: Counter[str] = Counter()
        for transfer in Transfer.objects.order_by("pk"):
            outcome = self.village.at_bank(transfer.transfer_no).outcome
            said[transfer.reference] += outcome == Outcome.SUCCEEDED
            paid += transfer.amount_minor * (outcome == Outcome.SUCCEEDED)
        for number, status in numbers.items():
            assert said[number] <= 1, f"C6: the bank paid {number} {said[number]} times"
            due = status == "paid" and number in said
            assert bool(said[number]) == due, f"C6: {number} is {status}, the bank differs"
        gone = self.village.bank_had - self.village.bank_balance()
        assert gone == paid, f"the bank paid {gone}, statements are {paid}"


def _credits(account: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for (party, reference), minor in balances_by_label(account).items():
        sums[reference if account == "2302" else party] -= minor
    return _nonzero(sums)


def _nonzero(sums: Any) -> dict[Any, int]:
    return {label: minor for label, minor in sums.items() if minor}


def _difference(ours: dict, theirs: dict) -> str:
    names = [name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)]
    return "; ".join(f"{name}: {ours.get(name)} / {theirs.get(name)}" for name in names[:4])
