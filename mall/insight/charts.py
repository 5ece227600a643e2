"""A chart of days as plain shapes: where each bar stands and how high; the page draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mall.insight.figures import DayOfUse

WIDTH: Final = 720
HEIGHT: Final = 140
_GAP: Final = 0.25
_LABELS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day's bar in the drawing's own units, and what it says."""

    x: float
    y: float
    width: float
    height: float
    day: date
    orders: int
    is_labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The drawing: its size, its bars, and the highest number of orders a day."""

    width: int
    height: int
    bars: Sequence[Bar]
    most: int


def day_chart(days: Sequence[DayOfUse]) -> Chart:
    """Lay the days' orders out as bars, the highest as high as the drawing."""
    most = max((day.orders for day in days), default=0)
    step = WIDTH / max(1, len(days))
    every = max(1, -(-len(days) // _LABELS))
    bars = [
        Bar(
            x=round(number * step + step * _GAP / 2, 2),
            y=round(HEIGHT - _height(day.orders, most), 2),
            width=round(step * (1 - _GAP), 2),
            height=round(_height(day.orders, most), 2),
            day=day.day,
            orders=day.orders,
            is_labelled=number % every == 0,
        )
        for number, day in enumerate(days)
    ]
    return Chart(width=WIDTH, height=HEIGHT, bars=bars, most=most)


def _height(orders: int, most: int) -> float:
    return HEIGHT * orders / most if most else 0.0
