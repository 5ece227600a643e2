"""Noting that a resident was shown an offer: cheap, once a day, and never in a page's way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import structlog
from django.db import DatabaseError, transaction

from mall.insight.models import Exposure
from payments.api import business_date

log = structlog.get_logger(__name__)

# What this process has written today, so that a page seen again asks the database nothing.
_SEEN_MAX: Final = 100_000
_CODE_MAX: Final = 40
_WHERE_MAX: Final = 20
_Key = tuple[date, int, str]
_seen: set[_Key] = set()


def note_shown(resident_id: int | None, offer_codes: Iterable[str], where: str) -> int:
    """Write down that these offers were shown to a resident today; return how many were new here.

    A stranger (None) is nobody. What was noted today already changes nothing, and an error of the
    database is logged and forgotten: no page fails because nobody could count it.
    """
    if resident_id is None:
        return 0
    today = business_date()
    keys = {(today, resident_id, code[:_CODE_MAX]) for code in offer_codes if code}
    fresh = sorted(keys - _seen)
    if not fresh:
        return 0
    try:
        with transaction.atomic():
            Exposure.objects.bulk_create(
                [
                    Exposure(offer_code=code, resident_id=who, day=day, where=where[:_WHERE_MAX])
                    for day, who, code in fresh
                ],
                ignore_conflicts=True,
            )
    except DatabaseError:
        log.warning("exposure.not_noted", where=where, exc_info=True)
        return 0
    _remember(fresh, today)
    return len(fresh)


def forget_seen() -> None:
    """Forget what this process has written: the database behind it is another one now."""
    _seen.clear()


def _remember(keys: Iterable[_Key], today: date) -> None:
    if len(_seen) >= _SEEN_MAX or any(day != today for day, _who, _code in _seen_sample()):
        _seen.clear()
    _seen.update(keys)


def _seen_sample() -> Iterable[_Key]:
    """Any one key tells whose day the set is of: it is emptied when the day changes."""
    return (next(iter(_seen)),) if _seen else ()
