"""The words of a message in its reader's language: yuan, local times and titles put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.messaging.kinds import KINDS
from payments.api import Money, local

_MINOR: Final = "_minor"
_AT: Final = "_at"
_ON: Final = "_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message as it is read."""

    title: str
    body: str


def words_of(kind: str, values: Mapping[str, Any], *, language: str | None = None) -> Words:
    """Write a message's words, in the active language where none is named.

    Values named …_minor are fen and become yuan, …_at instants and become local times, …_on days;
    the words know them without that ending. A kind that is no more reads as its own name.
    """
    with translation.override(language or translation.get_language()):
        known = KINDS.get(kind)
        if known is None:
            return Words(title=kind, body="")
        put_in = _Figures({name: value for each in values.items() for name, value in _said(*each)})
        return Words(
            title=str(known.title).format_map(put_in).strip(),
            body=str(known.body).format_map(put_in).strip(),
        )


class _Figures(dict[str, str]):
    """What an older message does not tell is left out instead of failing the page."""

    def __missing__(self, key: str) -> str:
        return ""


def _said(name: str, value: Any) -> list[tuple[str, str]]:
    if name.endswith(_MINOR):
        return [(name.removesuffix(_MINOR), f"{Money(int(value)).major:.2f}")]
    if name.endswith(_AT):
        at = parse_datetime(str(value))
        return [(name.removesuffix(_AT), _instant(at) if at else "")]
    if name.endswith(_ON):
        day = parse_date(str(value))
        return [(name.removesuffix(_ON), _day(day) if day else "")]
    if isinstance(value, list):
        return [(name, pgettext("list of goods", ", ").join(map(str, value)))]
    return [(name, str(value))]


def _instant(at: datetime) -> str:
    there = local(at)
    return _("%(day)s %(time)s") % {"day": _day(there.date()), "time": f"{there:%H:%M}"}


def _day(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT")
