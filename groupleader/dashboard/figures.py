"""Leaders side by side: each figure with its formula, against the period before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from groupleader.models import Leader
from mall.api import LeaderFigures, leader_figures
from payments.api import Money

NOTHING: Final = LeaderFigures()
MONEY: Final = "money"
COUNT: Final = "count"
SHARE: Final = "share"
Read = Callable[[LeaderFigures], float | int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One column: its key, its word, its formula, how it is shown, and whether more is better."""

    key: str
    word: Any
    formula: Any
    form: str
    read: Read
    more_is_better: bool = True


MEASURES: Final = (
    Measure(
        key="sales",
        word=gettext_lazy("Sales"),
        formula=gettext_lazy("Goods of the orders paid in the period"),
        form=MONEY,
        read=lambda one: one.goods_minor,
    ),
    Measure(
        key="orders",
        word=gettext_lazy("Orders"),
        formula=gettext_lazy("Orders paid in the period"),
        form=COUNT,
        read=lambda one: one.orders,
    ),
    Measure(
        key="neighbours",
        word=gettext_lazy("Neighbours"),
        formula=gettext_lazy("Different residents of these orders"),
        form=COUNT,
        read=lambda one: one.residents,
    ),
    Measure(
        key="repeat",
        word=gettext_lazy("Come back"),
        formula=gettext_lazy("Neighbours with two paid orders or more ÷ neighbours"),
        form=SHARE,
        read=lambda one: one.repeat_rate,
    ),
    Measure(
        key="on_time",
        word=gettext_lazy("Collected in time"),
        formula=gettext_lazy("Orders collected ÷ orders collected or disposed of uncollected"),
        form=SHARE,
        read=lambda one: one.on_time_rate,
    ),
    Measure(
        key="complaints",
        word=gettext_lazy("Complaints"),
        formula=gettext_lazy("After-sales cases opened ÷ orders collected"),
        form=SHARE,
        read=lambda one: one.complaint_rate,
        more_is_better=False,
    ),
    Measure(
        key="refunds",
        word=pgettext_lazy("share of money", "Refunds"),
        formula=gettext_lazy("Money that went back of these orders ÷ money paid for them"),
        form=SHARE,
        read=lambda one: one.refund_rate,
        more_is_better=False,
    ),
)
BY_KEY: Final = {measure.key: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some Shanghai days, both ends included."""

    since: date
    until: date

    @property
    def before(self) -> Days:
        """Return as many days before."""
        until = self.since - timedelta(days=1)
        return Days(since=until - (self.until - self.since), until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure: as it is read, what it was before, how it changed, and whether that is good."""

    key: str
    value: float | int | None
    shown: str
    before: str
    change: str
    is_worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One leader's figures."""

    leader: Leader
    now: LeaderFigures
    then: LeaderFigures
    cells: Sequence[Cell]

    def value_of(self, key: str) -> float | int | None:
        """Return a figure by its key."""
        return BY_KEY[key].read(self.now)


def rows_of(days: Days) -> list[Row]:
    """Return every active leader's figures, and of others who had some; nine queries."""
    now = leader_figures(days.since, days.until)
    then = leader_figures(days.before.since, days.before.until)
    leaders = Leader.objects.only("name", "user_id", "status", "tier", "created_at")
    return [
        row_of(leader, now.get(leader.user_id, NOTHING), then.get(leader.user_id, NOTHING))
        for leader in leaders
        if leader.status == Leader.Status.ACTIVE or leader.user_id in now
    ]


def row_of(leader: Leader, now: LeaderFigures, then: LeaderFigures) -> Row:
    """Put a leader's figures beside those before."""
    cells = [_cell(measure, now, then) for measure in MEASURES]
    return Row(leader=leader, now=now, then=then, cells=cells)


def ranked(rows: Sequence[Row], *, key: str, descending: bool) -> list[Row]:
    """Sort rows by a figure; who has none of it comes last either way. KeyError: no such figure."""
    read = BY_KEY[key].read
    with_it = [row for row in rows if read(row.now) is not None]
    without = [row for row in rows if read(row.now) is None]
    sign = -1 if descending else 1
    with_it.sort(key=lambda row: (sign * (read(row.now) or 0), row.leader.name))
    return [*with_it, *sorted(without, key=lambda row: row.leader.name)]


def totals_of(rows: Sequence[Row]) -> Row:
    """Add all leaders up; rates are of the sums, not means of rates."""
    return row_of(
        Leader(name=_("All leaders")),
        _added(row.now for row in rows),
        _added(row.then for row in rows),
    )


def _added(figures: Iterator[LeaderFigures]) -> LeaderFigures:
    whole = LeaderFigures()
    for one in figures:
        for name in LeaderFigures.__slots__:
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def _cell(measure: Measure, now: LeaderFigures, then: LeaderFigures) -> Cell:
    value, before = measure.read(now), measure.read(then)
    is_less = value is not None and before is not None and value < before
    is_more = value is not None and before is not None and value > before
    return Cell(
        key=measure.key,
        value=value,
        shown=show(value, measure.form),
        before=show(before, measure.form),
        change=_change(value, before, measure.form),
        is_worse=is_less if measure.more_is_better else is_more,
    )


def show(value: float | int | None, form: str) -> str:
    """Show a figure: ¥1,234.50 · 1,234 · 8.4 %; a dash for none."""
    if value is None:
        return "–"
    if form == MONEY:
        return f"¥{Money(int(value)).major:,.2f}"
    return f"{100 * value:.1f} %" if form == SHARE else f"{int(value):,}"


def _change(value: float | int | None, before: float | int | None, form: str) -> str:
    """Say a change: of amounts in percent, of shares in points; a dash where there is none."""
    if value is None or before is None or (form != SHARE and not before):
        return "–"
    points = 100 * (value - before) if form == SHARE else 100 * (value - before) / before
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{sign}{abs(points):.1f} {_('points') if form == SHARE else '%'}"
