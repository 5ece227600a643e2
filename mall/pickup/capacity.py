"""How many boxes a pickup point can hold on a day, and who has them: taken with the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date


def boxes_of(pieces: Mapping[int, int]) -> int:
    """Return how many boxes so many pieces per product fill; none where nobody said."""
    return 0


def take(*, point_id: int, day: date, boxes: int) -> None:
    """Take room for an order, in its transaction; PointFullError where there is not enough."""


def give_back(*, point_id: int, day: date, boxes: int) -> None:
    """Free an ended or reduced order's room."""
