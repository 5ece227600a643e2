"""What the mall tells this floor about an order, read out of the outbox's payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils.dateparse import parse_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """One order line: what it is, how many, what it is worth before the bank's discount."""

    line_id: str
    item_id: str
    categories: Sequence[str]
    title: str
    quantity: int
    value_minor: int

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> Self:
        """Read one line of a payload; KeyError where it lacks what commission needs."""
        return cls(
            line_id=str(line["line_id"]),
            item_id=str(line["item_id"]),
            categories=[str(category) for category in line["category_ids"]],
            title=line.get("title", ""),
            quantity=line["quantity"],
            value_minor=line["value_minor"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """An order as every order fact carries it."""

    order_no: str
    group_id: str
    point_ref: str
    leader_user_id: int
    resident_id: int | None
    lines: Sequence[LineFact]
    at: datetime
    free_at: datetime | None

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """Read the payload of order.placed, order.paid, order.collected and the like."""
        return cls(
            order_no=payload["order_no"],
            group_id=str(payload["group_id"]),
            point_ref=str(payload.get("pickup_point_id") or ""),
            leader_user_id=int(payload["leader_id"]),
            resident_id=payload["resident_id"],
            lines=[LineFact.read(line) for line in payload["lines"]],
            at=instant(payload["at"]),
            free_at=_instant_or_none(payload.get("window_ends_at")),
        )


def instant(text: str) -> datetime:
    """Read an ISO instant; ValueError where it lacks its offset."""
    at = parse_datetime(text)
    if at is None or at.tzinfo is None:
        raise ValueError(f"{text!r} is not an instant")
    return at


def _instant_or_none(text: str | None) -> datetime | None:
    return instant(text) if text else None
