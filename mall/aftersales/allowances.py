"""What a person may let go back alone on one day: counted by one conditional update."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.conf import settings
from django.db.models import F

from mall.accounts.models import User
from mall.aftersales.errors import OverLimitError
from mall.aftersales.models import DecisionAllowance
from payments.api import business_date

What = DecisionAllowance.What
_LIMITS: Final = {
    What.CASES: ("LINLI_CASE_LEADER_MINOR", "LINLI_CASE_LEADER_DAY_MINOR"),
    What.GOODWILL: ("LINLI_CASE_GOODWILL_MINOR", "LINLI_CASE_GOODWILL_DAY_MINOR"),
}


def limit_of(what: str) -> int:
    """Return how much may go back with one decision (fen)."""
    return int(getattr(settings, _LIMITS[What(what)][0]))


def left_today(person: User, what: str) -> int:
    """Return how much this person may still let go back today (fen)."""
    day_limit = int(getattr(settings, _LIMITS[What(what)][1]))
    row = DecisionAllowance.objects.filter(what=what, person=person, day=business_date()).first()
    return max(0, day_limit - row.used_minor) if row else day_limit


def take(person: User, what: str, minor: int) -> date:
    """Count a decision against its own and the day's limit; return the day it is counted on.

    OverLimitError (data: limit_minor, left_minor). In the caller's transaction.
    """
    own, daily = (int(getattr(settings, name)) for name in _LIMITS[What(what)])
    day = business_date()
    if minor > own:
        raise OverLimitError(limit_minor=own, left_minor=left_today(person, what))
    rows = DecisionAllowance.objects.filter(what=what, person=person, day=day)
    DecisionAllowance.objects.bulk_create(
        [DecisionAllowance(what=what, person=person, day=day, limit_minor=daily)],
        ignore_conflicts=True,
    )
    # The setting may have changed since the day's first decision.
    taken = rows.filter(used_minor__lte=daily - minor).update(
        used_minor=F("used_minor") + minor, limit_minor=daily
    )
    if not taken:
        raise OverLimitError(limit_minor=own, left_minor=left_today(person, what))
    return day


def give_back(person_id: int, what: str, *, day: date, minor: int) -> None:
    """Take a decision that came to nothing off the day it was counted on."""
    rows = DecisionAllowance.objects.filter(
        what=what, person=person_id, day=day, used_minor__gte=minor
    )
    rows.update(used_minor=F("used_minor") - minor)
