"""What neighbours and the mall do to commission; how any act is tried: done, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from groupleader.models import SettlementStatement
from payments.api import LinliError
from tests.groupleader.model.papers import Line, Order, Paper
from tests.groupleader.model.village import Village

# What was done, what was refused and why, and which ways statements and payouts went.
TOLD: Counter[str] = Counter()
PICK = st.integers(0, 1000)
YES = st.booleans()
MOST = 12  # orders of a run; then it goes on
# From one fen to what takes her into the next band of the tax.
VALUES = st.lists(
    st.sampled_from([1, 9, 99, 3_333, 20_800, 999_999, 7_654_321, 31_000_003]),
    min_size=1,
    max_size=3,
)


def when(has: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Say when an act makes sense at all."""
    return precondition(lambda run: hasattr(run, "village") and has(run))


class Acts(RuleBasedStateMachine):
    """A village, and how an act is tried on it."""

    village: Village

    def __init__(self) -> None:
        super().__init__()
        self.has_changed = False

    def attempt(self, name: str, act: Callable[[], Any], *, refused: str = "") -> Any:
        """Do something now and expect it to be done, or refused with this code."""
        self.has_changed = True
        try:
            done = self.village.do(act)
        except LinliError as refusal:
            said, done = refusal.code, None
        else:
            said = ""
        assert said == refused, f"{name}: {said or 'done'} instead of {refused or 'done'}"
        TOLD[f"{name} refused: {refused}" if refused else name] += 1
        return done

    def orders(self, *states: str) -> list[Order]:
        """Return the orders in these states, in the order in which they were placed."""
        return [each for each in self.village.books.orders.values() if each.state in states]

    def papers(self, *states: str) -> list[Paper]:
        """Return the accountant's statements in these states, oldest first."""
        return [each for each in self.village.books.papers if each.state in states]

    def row(self, paper: Paper) -> SettlementStatement:
        """Return our statement that this one of the accountant's is about."""
        leader = self.village.leaders[paper.leader]
        rows = SettlementStatement.objects.select_related("leader")
        return rows.get(leader=leader, until=paper.until)


class Neighbours(Acts):
    """Orders are placed, paid, collected, closed; money goes back whenever it likes."""

    @when(lambda run: len(run.orders(*["placed", "paid", "collected", "closed"])) < MOST)
    @rule(leader=PICK, values=VALUES, small=YES)
    def place(self, leader: int, values: list[int], small: bool) -> None:
        self._placed(leader, values, small)

    def _placed(self, leader: int, values: list[int], small: bool) -> Order:
        self.has_changed = True
        return self.village.place(leader % 4, values, is_small_point=small)

    @when(lambda run: len(run.orders("closed")) < MOST)
    @rule(leader=PICK, values=VALUES, small=YES)
    def whole_order(self, leader: int, values: list[int], small: bool) -> None:
        order = self._placed(leader, values, small)
        self._goes_on(order)
        self._goes_on(order)
        self._goes_on(order)

    @when(lambda run: run.orders("placed", "paid", "collected"))
    @rule(pick=PICK)
    def order_goes_on(self, pick: int) -> None:
        self._goes_on(one_of(self.orders("placed", "paid", "collected"), pick))

    def _goes_on(self, order: Order) -> None:
        village, books = self.village, self.village.books
        if order.state == "placed":
            village.tell(order, "order.paid")
            books.pay(order)
        elif order.state == "paid":
            village.tell(order, "order.collected")
            books.collect(order)
        else:
            books.close(order, village.tell(order, "order.closed"))
        self.has_changed = True

    @when(lambda run: run.orders("collected"))
    @rule(pick=PICK)
    def hand_over_undone(self, pick: int) -> None:
        order = one_of(self.orders("collected"), pick)
        self.village.tell(order, "order.uncollected")
        self.village.books.uncollect(order)
        TOLD["undone"] += 1
        self.has_changed = True

    @when(lambda run: run.orders("paid", "collected", "closed"))
    @rule(pick=PICK)
    def told_again(self, pick: int) -> None:
        order = one_of(self.orders("paid", "collected", "closed"), pick)
        self.village.tell(order, f"order.{order.state}")
        self.has_changed = True

    @when(lambda run: run.orders("placed", "paid", "collected", "closed"))
    @rule(pick=PICK, which=PICK, percent=st.sampled_from([0, 1, 33, 50, 100]), twice=YES)
    def refund(self, pick: int, which: int, percent: int, twice: bool) -> None:
        order = one_of(self.orders("placed", "paid", "collected", "closed"), pick)
        line = one_of(order.lines, which)
        value = max(1, line.value * percent // 100)
        refund_no = f"R{self.village.number()}"
        for _time in range(1 + twice):
            self._refund(order, line, refund_no, value)
        TOLD[f"refund of {_stage(line)}"] += 1

    def _refund(self, order: Order, line: Line, refund_no: str, value: int) -> None:
        said = {"line_id": line.line_id, "value_minor": value, "refund_no": refund_no}
        at = self.village.tell(order, "line.refunded", **said)
        self.village.books.refund(line, refund_no, value, at)
        self.has_changed = True

    @when(lambda run: run.orders("closed"))
    @rule(pick=PICK, which=PICK)
    def goodwill(self, pick: int, which: int) -> None:
        """The mall gives something of its own; nobody's commission knows of it."""
        order = one_of(self.orders("closed"), pick)
        line_id = one_of(order.lines, which).line_id
        said = {"line_id": line_id, "value_minor": 1, "refund_no": f"R{self.village.number()}"}
        self.village.tell(order, "line.refunded", stage="goodwill", **said)
        self.has_changed = True

    @when(lambda run: run.orders("paid", "collected", "closed"))
    @rule(pick=PICK)
    def all_goes_back(self, pick: int) -> None:
        order = one_of(self.orders("paid", "collected", "closed"), pick)
        fact = "order.cancelled" if order.state == "paid" else "order.refunded"
        at = self.village.tell(order, fact)
        for line in order.lines:
            name = f"order:{order.order_no}"
            self.village.books.refund(line, name, line.value - line.back, at)
        order.state = "gone"
        TOLD[fact] += 1
        self.has_changed = True

    @when(lambda run: run.orders("closed", "collected"))
    @rule(pick=PICK, minor=st.sampled_from([1, 50, 1_500, 60_000]), twice=YES)
    def leader_answers_for_a_case(self, pick: int, minor: int, twice: bool) -> None:
        order = one_of(self.orders("closed", "collected"), pick)
        case_no = f"A{self.village.number()}"
        said = {"outcome": "approved", "bearer": "leader", "case_no": case_no, "value_minor": minor}
        for time in range(1 + twice):
            at = self.village.tell(order, "case.decided", **said)
            if time == 0:
                self.village.books.charges.append((order.leader, at, [minor]))
        TOLD["case"] += 1
        self.has_changed = True


def one_of(rows: list[Any], pick: int) -> Any:
    """Return one of these."""
    return rows[pick % len(rows)]


def _stage(line: Line) -> str:
    """Say where a line's commission is just now."""
    entry = line.parts[0].entry
    if entry is None:
        return "nothing"
    return entry.state if entry.paper is None else f"a statement {entry.paper.state}"
