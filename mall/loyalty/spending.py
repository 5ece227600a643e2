"""Points on an order: how many go on it, held with it, spent when it is paid, given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mall.promotions.funding import Share
from mall.promotions.rules import LineFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsQuote:
    """What a resident's points could do for a basket; amounts in fen."""

    balance: int
    # the most points that go on this basket, and what they take off
    most_points: int
    most_minor: int
    fen_per_point: int
    shares: tuple[int, ...] = ()
    funding: tuple[Share, ...] = ()
    hint: str = ""


def points_for(
    *,
    resident_id: int | None,
    lines: Sequence[LineFacts],
    at: datetime,
    wanted: int | None = None,
    except_order: str = "",
) -> PointsQuote:
    """Quote points on a basket; `shares` spread what `wanted` (None: the most) takes off."""
    return PointsQuote(balance=0, most_points=0, most_minor=0, fen_per_point=1)


def hold(*, resident_id: int, order_no: str, points: int) -> None:
    """Take points for an order, in its transaction; NotEnoughPointsError."""
    raise NotImplementedError


def mark_spent(order_no: str) -> None:
    """Mark the order's points spent, when it is paid; the second time changes nothing."""


def release(order_no: str) -> None:
    """Give an unpaid order's points back; the second time changes nothing."""


def give_back(*, order_no: str, amount_minor: int) -> None:
    """Return the points behind a part of an order's discount (fen) at a refund."""
