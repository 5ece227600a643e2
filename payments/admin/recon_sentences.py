"""A statement's closing equation in sentences: the whole, its parts, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from payments.admin.showing import yuan
from payments.reconciliation.equation import Side, equation_of
from payments.reconciliation.models import Bill, RecordKind

_PARTS: Final[tuple[tuple[str, Promise], ...]] = (
    ("matched", _("agreed")),
    ("elsewhere", _("in a bill of another day")),
    ("decided", _("decided")),
    ("hung", _("hung up")),
    ("pooled", _("waiting for the next bills")),
    ("open", _("open cases")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the whole: what, how much, how many, and whether it is somebody's work."""

    word: str
    amount: str
    count: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One direction of the equation as a cashier reads it: the whole, and its parts."""

    about: str
    is_ours: bool
    amount: str
    count: str
    parts: Sequence[Part]
    left: str
    receiver: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether nothing is left over."""
        return not self.left


def sentences_of(bill: Bill) -> list[Sentence]:
    """Return a compared statement's equation: as it was when it was closed, else counted now."""
    if not bill.is_current:
        return []
    if bill.state == Bill.State.CLOSED and bill.closing:
        return _sentences(_sides_of_figures(bill.closing))
    if bill.state != Bill.State.MATCHED:
        return []
    equation = equation_of(bill)
    return _sentences({"bill": equation.bill, "ours": equation.ours, "to": equation.receivers})


_Sides = Mapping[str, Mapping[str, Side]]


def _sides_of_figures(figures: Mapping[str, Any]) -> _Sides:
    """Read the equation back from how it was kept."""
    kept = {"bill": "bill", "ours": "ours", "to": "receivers"}
    return {name: _sides(figures.get(key) or {}) for name, key in kept.items()}


def _sides(kept: Mapping[str, Mapping[str, Sequence[int]]]) -> dict[str, Side]:
    return {
        kind: Side(**{part: (sums[0], sums[1]) for part, sums in side.items()})
        for kind, side in kept.items()
    }


def _sentences(sides: _Sides) -> list[Sentence]:
    order = list(RecordKind.values)
    told = [
        _sentence(kind, sides["bill" if not is_ours else "ours"][kind], is_ours=is_ours)
        for kind in order
        for is_ours in (False, True)
        if sides["ours" if is_ours else "bill"].get(kind, Side()) != Side()
    ]
    return told + [
        _sentence("", side, is_ours=False, receiver=receiver)
        for receiver, side in sorted(sides["to"].items())
        if side != Side()
    ]


def _sentence(kind: str, side: Side, *, is_ours: bool, receiver: str = "") -> Sentence:
    parts = [
        Part(
            word=str(word),
            amount=yuan(getattr(side, name)[1]),
            count=_records(getattr(side, name)[0]),
            is_open=name == "open",
        )
        for name, word in _PARTS
        if getattr(side, name) != (0, 0)
    ]
    left_count, left_minor = side.left
    return Sentence(
        about=receiver or str(RecordKind(kind).label),
        is_ours=is_ours,
        amount=yuan(side.whole[1]),
        count=_records(side.whole[0]),
        parts=parts,
        left="" if side.holds else f"{yuan(left_minor)} · {_records(left_count)}",
        receiver=receiver,
    )


def _records(count: int) -> str:
    return ngettext("%(count)d record", "%(count)d records", count) % {"count": count}
