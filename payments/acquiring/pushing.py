"""Statements an acquirer brings by itself, which prove less than they say: looked at only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class PushedBill:
    """What a brought statement says of itself; `problems` is what does not agree inside it.

    Counts of lines, sums in fen.
    """

    summary: str
    payment_count: int
    payment_minor: int
    refund_count: int
    refund_minor: int
    share_minor: int
    problems: tuple[str, ...] = ()


@runtime_checkable
class ExaminesPushedBills(Protocol):
    """An adapter whose acquirer brings its statements."""

    def examine_pushed_bill(self, paper: Path, *, summary: str, signature: str) -> PushedBill:
        """Prove who brought it and look inside, writing nothing.

        NotificationRejectedError where the signature does not fit; BadBillError where the file
        cannot be read safely.
        """
        ...
