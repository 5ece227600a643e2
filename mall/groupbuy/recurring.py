"""Which days a sale opens: rules as calendars write them (RFC 5545), read in Shanghai's time."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice, takewhile
from typing import Final

from dateutil.rrule import rrule, rrulestr
from django.utils.translation import gettext as _

from payments.api import SHANGHAI

# Openings by the hour or oftener are a slip of the finger, not a sale.
_SHAPES: Final = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9][0-9]{0,2}"),
    "COUNT": re.compile(r"[1-9][0-9]{0,2}"),
    "UNTIL": re.compile(r"[0-9]{8}"),
    "BYDAY": re.compile(r"[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU)(,[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU))*"),
    "BYMONTHDAY": re.compile(r"-?([1-9]|[12][0-9]|3[01])(,-?([1-9]|[12][0-9]|3[01]))*"),
    "BYMONTH": re.compile(r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*"),
    "BYSETPOS": re.compile(r"-?[1-9][0-9]?"),
    "WKST": re.compile(r"MO|SU"),
}
# These parts pick among the days of a month; with other rules they may never find one.
_MONTHLY_PARTS: Final = frozenset({"BYMONTH", "BYMONTHDAY", "BYSETPOS"})


def read_rule(rule: str, *, starts_at: datetime) -> rrule:
    """Return the dates of a rule from its first opening on; ValueError with a sentence."""
    text = rule.strip().upper().removeprefix("RRULE:").rstrip(";")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name in parts:
            raise ValueError(
                _("Write the rule as NAME=VALUE, for example FREQ=WEEKLY;BYDAY=MO,TH.")
            )
        if name not in _SHAPES or not _SHAPES[name].fullmatch(value):
            raise ValueError(_("“%(part)s” cannot be read in a rule.") % {"part": part[:40]})
        parts[name] = value
    if "FREQ" not in parts:
        raise ValueError(_("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY."))
    if parts["FREQ"] in {"DAILY", "WEEKLY"} and _MONTHLY_PARTS & set(parts):
        raise ValueError(_("Months and their days go with FREQ=MONTHLY or FREQ=YEARLY."))
    return _dates(text, starts_at)


def openings(
    rule: str, *, starts_at: datetime, after: datetime, until: datetime | None = None, most: int
) -> list[datetime]:
    """Return up to ``most`` openings later than ``after``, at the latest at ``until``."""
    end = None if until is None else _wall(until)
    later = read_rule(rule, starts_at=starts_at).xafter(_wall(after))
    found = takewhile(lambda at: end is None or at <= end, later)
    return [at.replace(tzinfo=SHANGHAI) for at in islice(found, most)]


def _dates(text: str, starts_at: datetime) -> rrule:
    try:
        dates = rrulestr(text, dtstart=_wall(starts_at))
        first = next(iter(dates), None)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise ValueError(_("Calendars do not understand this rule.")) from wrong
    if first is None or not isinstance(dates, rrule):
        raise ValueError(_("This rule names no date."))
    return dates


def _wall(at: datetime) -> datetime:
    """Return what a clock in Shanghai shows; its hours never shift."""
    return at.astimezone(SHANGHAI).replace(tzinfo=None)
