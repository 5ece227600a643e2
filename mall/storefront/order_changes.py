"""Taking goods off an order: what she typed, and what would come back, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.ordering.changing import ChangeQuote
from mall.ordering.models import LineFulfilment
from mall.storefront.reading import number_of
from mall.storefront.shelf import picture_url
from mall.storefront.sums import MoneyLine
from mall.storefront.templatetags.money import short_yen


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A line with how many are left of it and how many she would keep; fen."""

    id: int
    title: str
    picture: str
    unit_minor: int
    quantity: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """What a change would do; fen."""

    back_minor: int
    lines: tuple[MoneyLine, ...]
    total_label: str
    notes: tuple[str, ...]
    removes_all: bool


def wanted_of(answers: QueryDict, lines: Iterable[LineFulfilment]) -> dict[int, int]:
    """Read how many of each line she would keep; what is no number leaves the line as it is."""
    wanted = {}
    for line in lines:
        quantity = number_of(answers.get(f"q-{line.pk}"))
        if quantity is not None:
            wanted[line.pk] = quantity
    return wanted


def change_rows(lines: Iterable[LineFulfilment], wanted: Mapping[int, int]) -> list[ChangeRow]:
    """Put the lines of which something is left into rows."""
    return [
        ChangeRow(
            id=line.pk,
            title=title_of(line.product),
            picture=picture_url(product_picture(line.product, 240)),
            unit_minor=line.unit_minor,
            quantity=left,
            wanted=min(wanted.get(line.pk, left), left),
        )
        for line in lines
        if (left := line.quantity - line.refunded_quantity)
    ]


def change_shown(quote: ChangeQuote) -> ChangeShown | None:
    """Say what a change would do; None where nothing is taken off."""
    taken = [line for line in quote.lines if line.was > line.becomes]
    if not taken:
        return None
    rows = [MoneyLine(label=_("You keep"), minor=quote.payable_minor)]
    return ChangeShown(
        back_minor=quote.back_minor,
        lines=tuple(rows),
        total_label=_("Comes back to you"),
        notes=tuple(_notes(quote)),
        removes_all=quote.is_cancelled,
    )


def counts_text(quote: ChangeQuote) -> str:
    """Name what is taken off: "corn 3 → 2"."""
    taken = (line for line in quote.lines if line.was > line.becomes)
    return pgettext("between items of a list", ", ").join(
        f"{line.title} {line.was} → {line.becomes}" for line in taken
    )


def _notes(quote: ChangeQuote) -> list[str]:
    notes: list[Any] = [counts_text(quote)]
    if quote.others_minor:
        text = _("%(amount)s of it was paid by vouchers, points or the bank and goes back there.")
        notes.append(text % {"amount": short_yen(quote.others_minor)})
    if quote.forfeited_minor:
        text = _(
            "Without these goods the bank's offer does not hold any more: "
            "%(amount)s of it is taken off what comes back."
        )
        notes.append(text % {"amount": short_yen(quote.forfeited_minor)})
    return notes
